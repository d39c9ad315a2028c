# Tests. Each is a doctest program with the main of tests/unit/, registered with ctest. The target `tests` builds them, but for those
# OUTSIDE of it.
add_custom_target(tests)
set(LNTPAY_TEST_MAIN ${CMAKE_SOURCE_DIR}/tests/unit/doctest_main.cpp)
# A unit of their own: the main program, and a test that replaces operator new.
set_source_files_properties(${LNTPAY_TEST_MAIN} ${CMAKE_SOURCE_DIR}/core/lightning/bolt11/allocations_test.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

# A test program from test sources that may see what the linked libraries see.
function(lntpay_test_program name)
  cmake_parse_arguments(arg "GUEST;OUTSIDE" "" "SOURCES;LINK" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${LNTPAY_TEST_MAIN} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE lntpay_ours lntpay_doctest ${arg_LINK})
  lntpay_units(${name})
  if(arg_GUEST)
    target_link_libraries(${name} PRIVATE lntpay_guest)
    target_compile_definitions(${name} PRIVATE DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)
  endif()
  lntpay_sees(${name} PRIVATE tests)
  if(NOT arg_OUTSIDE)
    add_dependencies(tests ${name})
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
    target_compile_definitions(${name} PRIVATE DOCTEST_CONFIG_NO_POSIX_SIGNALS DOCTEST_CONFIG_NO_MULTITHREADING
      _WASI_EMULATED_SIGNAL)
    target_link_libraries(${name} PRIVATE wasi-emulated-signal)
    target_link_options(${name} PRIVATE -O0 -Wl,--gc-sections -Wl,--stack-first -Wl,-z,stack-size=1048576)
    find_program(LNTPAY_NODE node REQUIRED)
    add_test(NAME ${name} COMMAND ${LNTPAY_NODE} --no-warnings ${CMAKE_SOURCE_DIR}/edge/component/run_wasi.mjs $<TARGET_FILE:${name}>)
  else()
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()

function(lntpay_tests_of out)
  set(all)
  foreach(library IN LISTS ARGN)
    get_target_property(tests ${library} LNTPAY_TESTS)
    if(tests)
      list(APPEND all ${tests})
    endif()
  endforeach()
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# Core, edge and what adapters bring into a component: the same tests natively and as a wasm module, in the world of tests/support.
lntpay_library(lntpay_test_support GUEST FOLDERS tests/support LINK lntpay_adapters)
lntpay_tests_of(guest_tests ${LNTPAY_CORE_LAYERS} lntpay_edge lntpay_adapters lntpay_wasi_http)
file(GLOB across_layers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/*_test.cpp ${CMAKE_SOURCE_DIR}/tests/scenarios/*_test.cpp)
set(json ${CMAKE_SOURCE_DIR}/edge/component/json)
lntpay_test_program(guest_tests GUEST
  SOURCES ${guest_tests} ${across_layers} ${json}/json_values.cpp ${json}/gen/contract_json.cpp ${json}/contract_json_test.cpp
  LINK lntpay_test_support lntpay_wasi_http lntpay_core_store_check)

# Published vectors, in both as well: they come from a folder that may be absent (LNTPAY_VECTORS).
file(GLOB vectors CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/vectors/*.cpp)
lntpay_test_program(vectors_tests GUEST SOURCES ${vectors} LINK lntpay_test_support)

if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  # The engine with requests that end it, for tests of what a host does then.
  lntpay_engine_component(faulty_component ${CMAKE_BINARY_DIR}/faulty.wasm ${CMAKE_SOURCE_DIR}/tests/component/faulty.cpp)
  target_link_options(faulty_component PRIVATE -Wl,--wrap=exports_lntpay_edge_engine_begin)
  # The adapter for wasi:http with an engine that traps on request, and with one whose clock is fixed.
  lntpay_edge_proxy(faulty_edge_proxy ${CMAKE_BINARY_DIR}/faulty-edge-proxy.wasm ${CMAKE_SOURCE_DIR}/tests/component/faulty_instance.cpp)
  lntpay_edge_proxy(fixed_edge_proxy ${CMAKE_BINARY_DIR}/fixed-edge-proxy.wasm ${CMAKE_SOURCE_DIR}/tests/component/fixed_instance.cpp
    lntpay_test_support)
  add_dependencies(tests faulty_component edge_proxy faulty_edge_proxy fixed_edge_proxy)
else()
  # The resident host with such an engine.
  add_executable(fixed_serve ${CMAKE_SOURCE_DIR}/tests/e2e/fixed_serve.cpp)
  target_link_libraries(fixed_serve PRIVATE lntpay_ours lntpay_host lntpay_test_support)
  add_dependencies(tests fixed_serve)
  lntpay_tests_of(host_tests lntpay_stores lntpay_host lntpay_cli)
  lntpay_test_program(host_tests SOURCES ${host_tests} LINK lntpay_cli)
  # A trap in Wasmtime is a signal, and doctest would take it for a crash of the test.
  target_compile_definitions(host_tests PRIVATE DOCTEST_CONFIG_NO_POSIX_SIGNALS)
  foreach(suite conformance abuse lnd)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${suite}/*.cpp)
    lntpay_test_program(${suite}_tests SOURCES ${sources} LINK lntpay_cli lntpay_test_support)
  endforeach()
  set_target_properties(conformance_tests PROPERTIES UNITY_BUILD OFF)  # each source makes its cases for every store
  # The simulator: a library that its program (tests/sim/sim_main.cpp) and its own tests share. The suites run both from the release
  # build, because sanitizers make the flows ten times slower, and what they would check the unit tests run with faults too.
  lntpay_library(lntpay_sim FOLDERS tests/sim LINK lntpay_host lntpay_test_support)
  lntpay_tests_of(sim_tests lntpay_sim)
  lntpay_test_program(sim_tests OUTSIDE SOURCES ${sim_tests} LINK lntpay_sim)
  add_executable(sim EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/sim/sim_main.cpp)
  target_link_libraries(sim PRIVATE lntpay_ours lntpay_sim)
endif()
if(NOT LNTPAY_WASM)
  include(${CMAKE_SOURCE_DIR}/edge/reference/reference.cmake)
endif()
include(${CMAKE_SOURCE_DIR}/tests/bench/bench.cmake)
include(${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz.cmake)
