# The Emscripten module: the same engine for browsers, with the contract as JSON (edge/component/json).
set(module ${CMAKE_SOURCE_DIR}/edge/component/json)
add_executable(lntpay_module ${module}/json_export.cpp ${module}/json_values.cpp ${module}/gen/contract_json.cpp)
target_link_libraries(lntpay_module PRIVATE lntpay_ours lntpay_guest lntpay_edge lntpay_json)
lntpay_sees(lntpay_module PRIVATE edge/component)
target_link_options(lntpay_module PRIVATE -Oz -flto -fno-exceptions -fno-rtti -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker,node
  -sFILESYSTEM=0 -sALLOW_MEMORY_GROWTH -sSTACK_SIZE=262144 -sDYNAMIC_EXECUTION=0
  -sEXPORTED_RUNTIME_METHODS=stringToNewUTF8,UTF8ToString,HEAPU8 -sEXPORTED_FUNCTIONS=_malloc,_free)
set_target_properties(lntpay_module PROPERTIES OUTPUT_NAME lntpay SUFFIX .mjs RUNTIME_OUTPUT_DIRECTORY ${LNTPAY_OUTPUT_DIR}/browser/engine)
