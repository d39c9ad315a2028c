/* mbedTLS configured down to what core/crypto calls: SHA-256 and ChaCha20-Poly1305. No MD layer (HMAC is a few lines over
 * SHA-256), no PSA, no platform layer, no self tests: nothing that would ask a host for a file, a clock or memory. */
#pragma once

#define MBEDTLS_SHA256_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_HAVE_ASM

/* There it is, but mbedTLS does not know. Without it every block of SHA-256 wipes through a volatile pointer. */
#if defined(__wasi__) || defined(__EMSCRIPTEN__)
#define MBEDTLS_PLATFORM_HAS_EXPLICIT_BZERO 1
#endif
