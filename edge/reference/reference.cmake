# The files that hosts serve beside the API, in resources/ beside the program: `openapi` makes the document from the route table and from a run
# of the engine in the test world, resources.mjs the others from it.
lntpay_library(lntpay_openapi GUEST FOLDERS edge/reference/openapi LINK lntpay_test_support lntpay_json)
add_executable(openapi EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/edge/reference/openapi/openapi_main.cpp)
target_link_libraries(openapi PRIVATE lntpay_ours lntpay_guest lntpay_openapi)

find_program(LNTPAY_NODE node REQUIRED)
set(resources ${LNTPAY_OUTPUT_DIR}/resources)
file(GLOB reference_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/edge/reference/*.mjs ${CMAKE_SOURCE_DIR}/edge/reference/page/*
  ${CMAKE_SOURCE_DIR}/edge/reference/*.md)
add_custom_command(OUTPUT ${resources}/resources.json
  COMMAND ${CMAKE_COMMAND} -E make_directory ${resources}
  COMMAND openapi ${PROJECT_VERSION} ${resources}/openapi.json
  COMMAND ${LNTPAY_NODE} ${CMAKE_SOURCE_DIR}/edge/reference/resources.mjs ${resources}
  DEPENDS openapi ${reference_sources}
  VERBATIM)
add_custom_target(resources DEPENDS ${resources}/resources.json)

lntpay_tests_of(openapi_tests lntpay_openapi)
lntpay_test_program(openapi_tests GUEST SOURCES ${openapi_tests} LINK lntpay_openapi)
