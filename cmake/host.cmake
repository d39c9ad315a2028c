# The native build: stores, the resident host and the program `lntpay`.
include(wasmtime)
find_package(Threads REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_path(LNTPAY_CLI11 CLI/CLI.hpp REQUIRED)
find_path(LNTPAY_CARES_INCLUDE ares.h REQUIRED)
find_library(LNTPAY_CARES cares REQUIRED)
find_library(LNTPAY_JEMALLOC jemalloc REQUIRED)

# The allocator of `lntpay` and of the benchmarks. Sanitizers have their own.
add_library(lntpay_allocator INTERFACE)
if(NOT LNTPAY_SANITIZE)
  target_link_libraries(lntpay_allocator INTERFACE ${LNTPAY_JEMALLOC})
endif()

add_library(lntpay_cares INTERFACE)
target_include_directories(lntpay_cares SYSTEM INTERFACE ${LNTPAY_CARES_INCLUDE})
target_link_libraries(lntpay_cares INTERFACE ${LNTPAY_CARES})

lntpay_library(lntpay_stores FOLDERS host-adapters/stores EXCLUDE host-adapters/stores/rules host-adapters/stores/etcd
  LINK lntpay_adapters SQLite::SQLite3)
lntpay_library(lntpay_host FOLDERS host-adapters/server EXCLUDE host-adapters/server/cli
  LINK lntpay_edge lntpay_stores lntpay_wasmtime lntpay_json Boost::headers CURL::libcurl OpenSSL::SSL lntpay_cares
  Threads::Threads)

# The commands. They are compiled like the rest: of an inline function that several units have, the linker takes the first unit's.
lntpay_library(lntpay_cli FOLDERS host-adapters/server/cli LINK lntpay_host lntpay_core_store_check)
target_compile_definitions(lntpay_cli PRIVATE LNTPAY_VERSION="${PROJECT_VERSION}")

add_executable(lntpay ${CMAKE_SOURCE_DIR}/host-adapters/server/cli/main.cpp)
target_link_libraries(lntpay PRIVATE lntpay_ours lntpay_cli lntpay_allocator)
set_target_properties(lntpay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${LNTPAY_OUTPUT_DIR})
