# The component: core and edge behind the export of wit/edge.wit, with zero imports.
get_property(edge_sources TARGET lntpay_edge PROPERTY SOURCES)
list(FILTER edge_sources INCLUDE REGEX "/edge/engine/")
if(edge_sources)
  set(component ${CMAKE_SOURCE_DIR}/edge/component)
  add_executable(lntpay_component ${component}/export.cpp ${component}/no_stdio.cpp ${component}/gen/edge.c)
  set_source_files_properties(${component}/gen/edge.c PROPERTIES COMPILE_OPTIONS -w)
  target_link_libraries(lntpay_component PRIVATE lntpay_ours lntpay_guest lntpay_edge ${component}/gen/edge_component_type.o)
  lntpay_sees(lntpay_component PRIVATE edge/component)
  # -O0 on the link line only: clang runs any wasm-opt on PATH there, and the bytes would depend on the machine.
  # --stack-first lets a stack overflow trap instead of overwriting globals.
  target_link_options(lntpay_component PRIVATE -O0 -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first
    -Wl,-z,stack-size=262144 -Wl,--fatal-warnings -Wl,-Map=lntpay_component.map)
  find_program(LNTPAY_NODE node REQUIRED)
  add_custom_command(TARGET lntpay_component POST_BUILD
    COMMAND ${LNTPAY_NODE} ${component}/componentize.mjs $<TARGET_FILE:lntpay_component> ${LNTPAY_OUTPUT_DIR}/lntpay.wasm
    VERBATIM)
endif()
