// The operations of the HTTP API: what there is, and with which status each may answer. The server looks up its routes here, and the
// description is made of it.
import type { z } from 'zod';
import { answerSchemas, errorAnswer, flaggerBody, partitionsQuery, silenceBody, verdictQuery } from './api-schema.ts';

/** One operation. */
export interface ApiOperation {
  readonly id: ApiOperationId;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`; a part in braces takes any text. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** What each status means, and the form of its body. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>;
}

/** Names of the operations. */
const apiOperationIds = [
  'listRules',
  'listAlerts',
  'listSilences',
  'addSilence',
  'endSilence',
  'getVerdict',
  'flaggerRollback',
  'flaggerCheck',
  'listPartitions',
] as const;
export type ApiOperationId = (typeof apiOperationIds)[number];

const error = (description: string) => ({ description, schema: errorAnswer });
const gate = {
  401: error('A token is set, and the request shows none, or another.'),
  403: error('No token is set, and the server listens to others than its own machine, or a browser asks.'),
  429: error('More requests than are answered in a second.'),
};
const withBody = { 400: error('The body is not what it should be.'), 413: error('The body is larger than 64 KiB.') };
const noStore = error('What keeps silences cannot be reached now.');
const noDetect = error('Neither this process nor a peer that answered holds the partition of the service.');
const noRule = error('No rule with new_version watches the service.');

/** All of them. */
export const apiOperations: readonly ApiOperation[] = [
  {
    id: 'listRules',
    method: 'GET',
    path: '/rules',
    summary: 'Rules in force, with health and figures',
    answers: { 200: { description: 'The rules by group.', schema: answerSchemas.rules }, ...gate },
  },
  {
    id: 'listAlerts',
    method: 'GET',
    path: '/alerts',
    summary: 'Alerts that are pending or firing',
    answers: { 200: { description: 'The alerts, those that fire first.', schema: answerSchemas.alerts }, ...gate },
  },
  {
    id: 'listSilences',
    method: 'GET',
    path: '/silences',
    summary: 'Silences that notify knows',
    answers: { 200: { description: 'All of them.', schema: answerSchemas.silences }, ...gate, 503: noStore },
  },
  {
    id: 'addSilence',
    method: 'POST',
    path: '/silences',
    summary: 'Keeps alerts from being told for a time',
    body: silenceBody,
    answers: {
      201: {
        description: 'It is durable (without Kafka: as long as the process lives), and holds for alerts written later.',
        schema: answerSchemas.silence,
      },
      ...withBody,
      ...gate,
      503: noStore,
    },
  },
  {
    id: 'endSilence',
    method: 'DELETE',
    path: '/silences/{id}',
    summary: 'Ends a silence now',
    answers: {
      200: { description: 'It is over.', schema: answerSchemas.silence },
      404: error('Notify knows no silence of that id.'),
      ...gate,
      503: noStore,
    },
  },
  {
    id: 'getVerdict',
    method: 'GET',
    path: '/verdict',
    summary: 'Whether a new version fails, beside the one that it replaces: for the web metric of Argo Rollouts',
    query: verdictQuery,
    answers: {
      200: { description: 'The verdict on the last closed window.', schema: answerSchemas.verdict },
      400: error('No service is named.'),
      404: noRule,
      ...gate,
      503: noDetect,
    },
  },
  {
    id: 'flaggerRollback',
    method: 'POST',
    path: '/flagger/rollback',
    summary: 'Flagger’s webhook of type rollback: 200 rolls back, anything else does not',
    body: flaggerBody,
    answers: {
      200: {
        description: 'Roll back: the new version fails, and the old one does not.',
        schema: answerSchemas.verdict,
      },
      409: error('Do not roll back.'),
      404: noRule,
      ...withBody,
      ...gate,
      503: noDetect,
    },
  },
  {
    id: 'flaggerCheck',
    method: 'POST',
    path: '/flagger/check',
    summary: 'Flagger’s webhooks of type rollout or confirm-promotion: 200 goes on, anything else does not',
    body: flaggerBody,
    answers: {
      200: { description: 'Go on.', schema: answerSchemas.verdict },
      409: error('Stop: the new version fails, and the old one does not.'),
      404: noRule,
      ...withBody,
      ...gate,
      503: noDetect,
    },
  },
  {
    id: 'listPartitions',
    method: 'GET',
    path: '/partitions',
    summary: 'What this process alone holds, partition by partition: peers ask each other, and nobody any further',
    query: partitionsQuery,
    answers: {
      200: { description: 'The partitions.', schema: answerSchemas.partitions },
      400: error('What to show is not said, or of which service.'),
      ...gate,
    },
  },
];

/** What the operations are below. */
export const apiPrefix = '/api/v1';
