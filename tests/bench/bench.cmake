# The programs behind `make bench`; built only when asked for.
add_executable(bolt11_bench EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/bolt11_bench.cpp)
target_link_libraries(bolt11_bench PRIVATE lntpay_ours lntpay_guest lntpay_core)
if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  target_link_options(bolt11_bench PRIVATE -O0 -Wl,--gc-sections -Wl,--stack-first -Wl,-z,stack-size=1048576)
  return()
endif()

add_executable(engine_bench EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/engine_bench.cpp ${CMAKE_SOURCE_DIR}/tests/bench/flow.cpp)
target_link_libraries(engine_bench PRIVATE lntpay_ours lntpay_host)
lntpay_sees(engine_bench PRIVATE tests)
