# The compiler of a native build where none is named: clang 19 or newer, because the guest is clang's and both build the same sources.
if(NOT CMAKE_TOOLCHAIN_FILE AND NOT DEFINED CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  find_program(LNTPAY_CLANGXX NAMES clang++-19 clang++-20 clang++-21 clang++ REQUIRED)
  find_program(LNTPAY_CLANG NAMES clang-19 clang-20 clang-21 clang REQUIRED)
  set(CMAKE_CXX_COMPILER ${LNTPAY_CLANGXX})
  set(CMAKE_C_COMPILER ${LNTPAY_CLANG})
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, RelWithDebInfo, Release or MinSizeRel")
endif()

find_program(LNTPAY_CCACHE ccache)
if(LNTPAY_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the project count as relative ones, so that another clone finds what this one compiled.
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${LNTPAY_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()
