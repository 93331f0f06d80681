// Tables of the embedded store: the documents as JSON text, and generated columns for what search asks for.

/** Version of the tables, kept in the file as `user_version`. */
export const schemaVersion = 2;

/**
 * Columns are taken from the JSON by SQLite itself, only where an index needs them. `kind` is `event.kind`: event (a line), metric (a
 * window) or alert; `dataset` tells lines from failed requests, which are events as well. `timestamp` is ISO 8601 in UTC, so text order is time order.
 */
export const documentTables = `
CREATE TABLE documents (
  id TEXT NOT NULL PRIMARY KEY,
  index_name TEXT NOT NULL,
  json TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,
  dataset TEXT GENERATED ALWAYS AS (json_extract(json, '$.event.dataset')) VIRTUAL,
  kind TEXT GENERATED ALWAYS AS (json_extract(json, '$.event.kind')) VIRTUAL,
  timestamp TEXT GENERATED ALWAYS AS (json_extract(json, '$."@timestamp"')) VIRTUAL,
  request_id TEXT GENERATED ALWAYS AS (json_extract(json, '$.http.request.id')) VIRTUAL,
  trace_id TEXT GENERATED ALWAYS AS (json_extract(json, '$.trace.id')) VIRTUAL,
  source_deploy_id TEXT GENERATED ALWAYS AS (json_extract(json, '$.flagwatch.source.deploy_id')) VIRTUAL,
  destination_deploy_id TEXT GENERATED ALWAYS AS (json_extract(json, '$.flagwatch.destination.deploy_id')) VIRTUAL
) STRICT;
CREATE INDEX documents_by_time ON documents (kind, timestamp);
CREATE INDEX documents_by_request ON documents (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX documents_by_trace ON documents (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX documents_by_source_deploy ON documents (source_deploy_id, timestamp) WHERE source_deploy_id IS NOT NULL;
CREATE INDEX documents_by_destination_deploy ON documents (destination_deploy_id, timestamp)
  WHERE destination_deploy_id IS NOT NULL;
CREATE INDEX documents_by_dataset ON documents (dataset, timestamp);
`;

/** From version 1 to 2: documents that are corrected, and failed requests beside lines. */
export const addRevisions = `
ALTER TABLE documents ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN dataset TEXT GENERATED ALWAYS AS (json_extract(json, '$.event.dataset')) VIRTUAL;
CREATE INDEX documents_by_dataset ON documents (dataset, timestamp);
`;
