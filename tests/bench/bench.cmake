# The program behind part of `make bench`; built only when asked for.
add_executable(engine_bench EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/engine_bench.cpp ${CMAKE_SOURCE_DIR}/tests/bench/flow.cpp)
target_link_libraries(engine_bench PRIVATE lntpay_ours lntpay_host)
lntpay_sees(engine_bench PRIVATE tests)
