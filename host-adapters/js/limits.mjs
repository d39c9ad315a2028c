// Limits of a request, for hosts in JavaScript. They repeat edge/http/request_limits.hpp, and the host tests compare the two.

/** Request line, header fields and the empty line. */
export const head_bytes_max = 16 * 1024;
export const target_bytes_max = 8 * 1024;
export const fields_max = 100;
export const body_bytes_max = 256 * 1024;
