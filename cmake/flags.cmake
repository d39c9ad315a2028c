# Flags. `lntpay_ours` is for every source of this project, `lntpay_guest` for core and edge: no exceptions and no RTTI natively
# either, so that the native program and the component are the same program.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)

option(LNTPAY_COVERAGE "Source-based coverage" OFF)
option(LNTPAY_FUZZ "Fuzz targets (clang's libFuzzer)" OFF)
set(LNTPAY_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

add_library(lntpay_ours INTERFACE)
target_compile_options(lntpay_ours INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  -Wno-missing-designated-field-initializers)

add_library(lntpay_guest INTERFACE)
target_compile_options(lntpay_guest INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)

if(LNTPAY_WASM)
  add_compile_options(-ffunction-sections -fdata-sections)
else()
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-stdlib=libc++>)
  add_link_options($<$<LINK_LANGUAGE:CXX>:-stdlib=libc++> -fuse-ld=lld)
endif()

if(LNTPAY_SANITIZE)
  # vptr checks need type information, which core and edge do not have.
  add_compile_options(-fsanitize=${LNTPAY_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LNTPAY_SANITIZE})
endif()
if(LNTPAY_COVERAGE)
  # Sources are named from the build's folder, so that it does not matter which clone compiled them first.
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping -fcoverage-compilation-dir=.)
  add_link_options(-fprofile-instr-generate)
endif()
