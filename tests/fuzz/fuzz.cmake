# Fuzzing (tests/fuzz/README.md): the targets where the preset is `fuzz`, and the wasm reader that they are compared with.
set(fuzz ${CMAKE_SOURCE_DIR}/tests/fuzz)

# A program or module over what it links; ours, and built as the guest is.
function(lntpay_fuzz_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND ${fuzz}/)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE lntpay_ours lntpay_guest ${arg_LINK})
  lntpay_sees(${name} PRIVATE tests)
endfunction()

if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  lntpay_fuzz_program(fuzz_verdict SOURCES verdict_module.cpp verdict.cpp ../../edge/component/no_stdio.cpp LINK lntpay_core)
  target_link_options(fuzz_verdict PRIVATE -O0 -mexec-model=reactor -Wl,--gc-sections -Wl,--stack-first -Wl,-z,stack-size=262144)
  add_dependencies(tests fuzz_verdict)
  return()
endif()

if(NOT LNTPAY_FUZZ)
  return()
endif()

add_custom_target(fuzz_targets)

# Debian builds libFuzzer on libstdc++, which the driver would take for the library of -stdlib were it not the linker's option.
set(libfuzzer -fsanitize=fuzzer -stdlib=libc++)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  list(APPEND libfuzzer -Wl,-lstdc++)
endif()
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LINK_OPTIONS ${libfuzzer} -fuse-ld=lld)
check_cxx_source_compiles("extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }" LNTPAY_LIBFUZZER)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
if(NOT LNTPAY_LIBFUZZER)
  message(STATUS "${CMAKE_CXX_COMPILER} has no libFuzzer: no fuzz targets")
  return()
endif()

# Just the rooms that are fuzzed, and only our own code counts as coverage: the paths of a signature's arithmetic are all alike.
lntpay_library(fuzz_subject GUEST FOLDERS core/base core/crypto core/storage core/lightning/bolt11 LINK lntpay_json lntpay_secp256k1 lntpay_mbedtls)
target_compile_options(fuzz_subject PRIVATE -fsanitize=fuzzer-no-link)
add_library(fuzz_invoices STATIC ${fuzz}/parts.cpp ${fuzz}/mutate.cpp ${fuzz}/generate.cpp ${fuzz}/verdict.cpp)
target_link_libraries(fuzz_invoices PUBLIC fuzz_subject PRIVATE lntpay_ours lntpay_guest)
lntpay_sees(fuzz_invoices PRIVATE tests)

function(lntpay_fuzz_target name)
  lntpay_fuzz_program(fuzz_${name} SOURCES ${name}_target.cpp ${ARGN} LINK fuzz_invoices)
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer-no-link)
  target_link_options(fuzz_${name} PRIVATE ${libfuzzer})
  add_dependencies(fuzz_targets fuzz_${name})
endfunction()

lntpay_fuzz_target(bech32)
lntpay_fuzz_target(decode mutator.cpp)
lntpay_fuzz_target(roundtrip mutator.cpp)
lntpay_fuzz_target(row)
lntpay_fuzz_target(json ../../edge/http/schema.cpp)
lntpay_sees(fuzz_json PRIVATE edge/http)

lntpay_fuzz_program(fuzz_differential SOURCES differential.cpp LINK fuzz_invoices)
add_dependencies(fuzz_targets fuzz_differential)
