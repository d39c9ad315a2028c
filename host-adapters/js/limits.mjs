// Limits for hosts in JavaScript. They repeat those in C++, and a test compares the two (request_limits_test.cpp).

// Of a request: edge/http/request_limits.hpp.

/** Request line, header fields and the empty line. */
export const head_bytes_max = 16 * 1024;
export const target_bytes_max = 8 * 1024;
export const fields_max = 100;
export const body_bytes_max = 256 * 1024;

// Of every store: host-adapters/stores/rules/store_limits.hpp; of a scan: core/storage/effect.hpp.
export const key_bytes_max = 512;
export const value_bytes_max = 1024 * 1024;
export const get_keys_max = 1000;
export const commit_checks_max = 1000;
export const commit_ops_max = 1000;
export const scan_limit_max = 1000;
