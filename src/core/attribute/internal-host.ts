// Reads the authority of a request for the service that it names, where nothing else of the line does. Feeds attribute.
import { type HostName, parseHostName } from './upstream-cluster.ts';

/** A DNS name has at most 253 characters, the port behind it six, and a dot may end the name. */
const maxLength = 260;

/** RFC 1035, as Kubernetes has it for the names of Services: an address or a host with a wildcard is none. */
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1123: what namespaces and the labels of a domain are. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Service and namespace of an authority in one of the forms by which pods call a Service: `payments.shop.svc.cluster.local:8080` (with any
 * domain), `payments.shop.svc`, `payments.shop`, or `payments` alone for one in the caller's own namespace (`null`: not known, then that
 * form says nothing). `null` for any other text. An outside host of two labels (`example.com`) cannot be told from the third form.
 */
export function parseInternalHost(authority: string, callerNamespace: string | null): HostName | null {
  if (authority.length > maxLength) return null;
  const host = authority.toLowerCase().replace(/:\d{1,5}$/, '');
  const labels = (host.endsWith('.') ? host.slice(0, -1) : host).split('.');
  const [first = '', second] = labels;
  if (!serviceName.test(first) || !labels.every((each) => label.test(each))) return null;
  if (labels.length <= 2) {
    const namespace = second ?? callerNamespace;
    return namespace === null ? null : { service: first, namespace };
  }
  const named = parseHostName(labels.join('.'));
  return named.namespace === null || !serviceName.test(named.service) ? null : named;
}
