# The native build: stores, the resident host and the program `lntpay`.
include(wasmtime)
find_package(Threads REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_path(LNTPAY_CLI11 CLI/CLI.hpp REQUIRED)
find_library(LNTPAY_JEMALLOC jemalloc REQUIRED)

# The allocator of `lntpay` and of the benchmarks. Sanitizers have their own.
add_library(lntpay_allocator INTERFACE)
if(NOT LNTPAY_SANITIZE)
  target_link_libraries(lntpay_allocator INTERFACE ${LNTPAY_JEMALLOC})
endif()

lntpay_library(lntpay_stores FOLDERS host-adapters/stores EXCLUDE host-adapters/stores/rules host-adapters/stores/etcd
  LINK lntpay_adapters SQLite::SQLite3)
lntpay_library(lntpay_host FOLDERS host-adapters/server
  LINK lntpay_edge lntpay_stores lntpay_wasmtime lntpay_json Boost::headers CURL::libcurl Threads::Threads)
target_compile_definitions(lntpay_host PRIVATE LNTPAY_VERSION="${PROJECT_VERSION}")

add_executable(lntpay ${CMAKE_SOURCE_DIR}/host-adapters/server/cli/main.cpp)
target_link_libraries(lntpay PRIVATE lntpay_ours lntpay_host lntpay_allocator)
set_target_properties(lntpay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${LNTPAY_OUTPUT_DIR})
