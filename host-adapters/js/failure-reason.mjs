// Why an exchange failed, in the words of the server's host (host-adapters/server/outbound/failure_reason.hpp), as far as the runtime
// tells. Node names a code; other runtimes have a message only.

/** Of codes; the first that matches. @type {[RegExp, string][]} */
const reasons = [
  [/^ECONNREFUSED$/, 'connection refused'],
  [/^(ECONNRESET|EPIPE)$/, 'connection reset'],
  [/^UND_ERR_SOCKET$/, 'connection closed'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'timed out while connecting'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'no route to the address'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'response head too large'],
  [/^HPE_INVALID_CONSTANT$/, 'the response is not HTTP/1.x'],
  [/^HPE_/, 'malformed response'],
  [/^CERT_HAS_EXPIRED$/, 'certificate expired'],
  [/^CERT_NOT_YET_VALID$/, 'certificate is not valid yet'],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, 'self-signed certificate'],
  [/^SELF_SIGNED_CERT_IN_CHAIN$/, 'certificate of an authority that is not trusted'],
  [/^UNABLE_TO_/, 'certificate of an unknown issuer'],
];
const names_length_max = 120;

/** Whether the error is that of a name that could not be resolved. */
export function isNameFailure(error) {
  const { code, message } = causeOf(error);
  return /^(ENOTFOUND|ENODATA|EAI_[A-Z]+)$/.test(code ?? '') || /\bDNS\b|ERR_NAME_NOT_RESOLVED/.test(message ?? '');
}

/** @returns {string} */
export function failureReason(error) {
  const { code = '', message, cert } = causeOf(error);
  const found = reasons.find(([codes]) => codes.test(code));
  if (found) return found[1];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `certificate for other names: ${namesOf(cert)}`;
  if (code.startsWith('ERR_SSL_')) return `TLS failed: ${code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ')}`;
  return String(message ?? error);
}

const causeOf = (error) => error?.cause ?? error ?? {};

/** "shop.example, 192.0.2.1" of "DNS:shop.example, IP Address:192.0.2.1". */
function namesOf(cert) {
  const names = (cert?.subjectaltname ?? '').replace(/(^|, )(DNS|IP Address):/g, '$1');
  return names.length > names_length_max ? `${names.slice(0, names_length_max)}…` : names;
}
