# Third-party code. The C sources are unpacked by cmake/setup.sh into a cache outside the build folder, at the versions in
# cmake/deps/pins; header-only libraries come from the system, each folder alone on the path (never /usr/include for wasm).
include(cache-folder)
set(LNTPAY_CACHE ${default_cache} CACHE PATH "Where cmake/setup.sh puts third-party sources")

function(lntpay_pinned name out)
  file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/deps/pins line REGEX "^${name} ")
  string(REPLACE " " ";" line "${line}")
  list(GET line 1 version)
  set(folder ${LNTPAY_CACHE}/${name}-${version})
  if(NOT EXISTS ${folder})
    message(FATAL_ERROR "${name} ${version} is not in ${LNTPAY_CACHE}: run cmake/setup.sh")
  endif()
  set(${out} ${folder} PARENT_SCOPE)
endfunction()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/deps/pins)

# Header-only libraries.
function(lntpay_headers target folder header)
  find_path(${target}_at NAMES ${folder}/${header} PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  set(tree ${CMAKE_BINARY_DIR}/third-party/${target})
  file(MAKE_DIRECTORY ${tree})
  file(CREATE_LINK ${${target}_at}/${folder} ${tree}/${folder} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${tree})
endfunction()
lntpay_headers(lntpay_json nlohmann json.hpp)
lntpay_headers(lntpay_doctest doctest doctest.h)

# The library without exceptions and the one with them must not share inline functions in one program: the guest's gets a namespace
# of its own (the names in the source stay nlohmann::json).
target_compile_definitions(lntpay_guest INTERFACE
  "NLOHMANN_JSON_NAMESPACE=nlohmann::json_without_exceptions"
  "NLOHMANN_JSON_NAMESPACE_BEGIN=namespace nlohmann { inline namespace json_without_exceptions {"
  "NLOHMANN_JSON_NAMESPACE_END=}}")

# libsecp256k1 with recovery. Both tables of constants trade size for speed: the window that of verification and recovery, the comb
# that of signing. What each costs and gives: docs/performance.md.
if(LNTPAY_WASM)
  set(default_window 5)
  set(default_gen_kb 2)
else()
  set(default_window 15)
  set(default_gen_kb 86)
endif()
set(LNTPAY_ECMULT_WINDOW ${default_window} CACHE STRING "libsecp256k1's ECMULT_WINDOW_SIZE, 2 to 15")
set(LNTPAY_ECMULT_GEN_KB ${default_gen_kb} CACHE STRING "Size of libsecp256k1's table for signing: 2, 22 or 86")
set(comb_2 COMB_BLOCKS=2 COMB_TEETH=5)
set(comb_22 COMB_BLOCKS=11 COMB_TEETH=6)
set(comb_86 COMB_BLOCKS=43 COMB_TEETH=6)
lntpay_pinned(libsecp256k1 secp256k1)
add_library(lntpay_secp256k1 STATIC
  ${secp256k1}/src/secp256k1.c ${secp256k1}/src/precomputed_ecmult.c ${secp256k1}/src/precomputed_ecmult_gen.c)
target_include_directories(lntpay_secp256k1 SYSTEM PUBLIC ${secp256k1}/include)
target_compile_definitions(lntpay_secp256k1 PRIVATE ENABLE_MODULE_RECOVERY=1 USE_EXTERNAL_DEFAULT_CALLBACKS=1
  ECMULT_WINDOW_SIZE=${LNTPAY_ECMULT_WINDOW} ${comb_${LNTPAY_ECMULT_GEN_KB}})
target_compile_options(lntpay_secp256k1 PRIVATE -w)
if(LNTPAY_WASM)
  target_compile_definitions(lntpay_secp256k1 PRIVATE USE_FORCE_WIDEMUL_INT64=1)  # three times as fast there
endif()

# mbedTLS, configured down to what core/crypto uses: its configuration stands there, the list of library files beside the pins.
lntpay_pinned(mbedtls mbedtls)
include(deps/mbedtls_sources)
list(TRANSFORM LNTPAY_MBEDTLS_SOURCES PREPEND ${mbedtls}/)
add_library(lntpay_mbedtls STATIC ${LNTPAY_MBEDTLS_SOURCES})
target_include_directories(lntpay_mbedtls SYSTEM PUBLIC ${mbedtls}/include)
target_compile_definitions(lntpay_mbedtls PUBLIC ${LNTPAY_MBEDTLS_DEFINITIONS})
target_compile_options(lntpay_mbedtls PRIVATE -w)
lntpay_sees(lntpay_mbedtls PUBLIC core/crypto)

# Nayuki's QR Code generator: one file.
lntpay_pinned(qr-code-generator qrcodegen)
add_library(lntpay_qrcodegen STATIC ${qrcodegen}/c/qrcodegen.c)
target_include_directories(lntpay_qrcodegen SYSTEM PUBLIC ${qrcodegen}/c)
target_compile_definitions(lntpay_qrcodegen PRIVATE NDEBUG)
target_compile_options(lntpay_qrcodegen PRIVATE -w $<$<BOOL:${LNTPAY_WASM}>:-Oz>)
