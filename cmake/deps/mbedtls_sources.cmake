# The files of mbedTLS 3.6 that core/crypto needs, below its own folder, and how they and the files that include its headers
# are compiled: with the project's root and mbedTLS's include/ on the include path.
set(LNTPAY_MBEDTLS_SOURCES
  library/chacha20.c
  library/chachapoly.c
  library/constant_time.c
  library/platform_util.c
  library/poly1305.c
  library/sha256.c)
set(LNTPAY_MBEDTLS_DEFINITIONS MBEDTLS_CONFIG_FILE="core/crypto/mbedtls_config.h")
