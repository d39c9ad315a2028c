# Third-party code. The C sources are unpacked by cmake/setup.sh into a cache outside the build folder, at the versions in
# cmake/deps/pins; header-only libraries come from the system, each folder alone on the path (never /usr/include for wasm).
if(DEFINED ENV{LNTPAY_CACHE})
  set(default_cache $ENV{LNTPAY_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(default_cache $ENV{XDG_CACHE_HOME}/lntpay)
else()
  set(default_cache $ENV{HOME}/.cache/lntpay)
endif()
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

# libsecp256k1 with recovery. The window trades the size of a table of constants for speed of verification.
if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  set(default_window 5)
else()
  set(default_window 15)
endif()
set(LNTPAY_ECMULT_WINDOW ${default_window} CACHE STRING "libsecp256k1's ECMULT_WINDOW_SIZE")
lntpay_pinned(libsecp256k1 secp256k1)
add_library(lntpay_secp256k1 STATIC
  ${secp256k1}/src/secp256k1.c ${secp256k1}/src/precomputed_ecmult.c ${secp256k1}/src/precomputed_ecmult_gen.c)
target_include_directories(lntpay_secp256k1 SYSTEM PUBLIC ${secp256k1}/include)
target_compile_definitions(lntpay_secp256k1 PRIVATE ENABLE_MODULE_RECOVERY=1 USE_EXTERNAL_DEFAULT_CALLBACKS=1 ECMULT_WINDOW_SIZE=${LNTPAY_ECMULT_WINDOW})
target_compile_options(lntpay_secp256k1 PRIVATE -w)
if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  # 64-bit products of 32-bit halves: three times as fast there. The small comb: 20 KB of constants less, signing 7 % slower.
  target_compile_definitions(lntpay_secp256k1 PRIVATE USE_FORCE_WIDEMUL_INT64=1 COMB_BLOCKS=2 COMB_TEETH=5)
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
