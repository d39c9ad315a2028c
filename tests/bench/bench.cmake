# The programs behind `make bench`; built only when asked for.
add_executable(bolt11_bench EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/bolt11_bench.cpp)
target_link_libraries(bolt11_bench PRIVATE lntpay_ours lntpay_guest lntpay_core)
if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  target_link_options(bolt11_bench PRIVATE -O0 -Wl,--gc-sections -Wl,--stack-first -Wl,-z,stack-size=1048576)
  # What `wasmtime serve` costs by itself, to hold edge-proxy.wasm against.
  lntpay_component(hello_component ${CMAKE_BINARY_DIR}/hello.wasm GEN host-adapters/wasi-http/wasi/gen
    SOURCES ${CMAKE_SOURCE_DIR}/tests/bench/hello.cpp IMPORTS wasi:http wasi:io wasi:clocks wasi:random wasi:cli)
  lntpay_sees(hello_component PRIVATE host-adapters/wasi-http/wasi)
  set_target_properties(hello_component PROPERTIES EXCLUDE_FROM_ALL ON)
  return()
endif()

foreach(name engine_bench money_bench)
  add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/${name}.cpp
    ${CMAKE_SOURCE_DIR}/tests/bench/client.cpp ${CMAKE_SOURCE_DIR}/tests/bench/flow.cpp)
  target_link_libraries(${name} PRIVATE lntpay_ours lntpay_host lntpay_allocator)
  lntpay_sees(${name} PRIVATE tests)
endforeach()
