# The component: core and edge behind the export of wit/edge.wit, with zero imports.

# A component of the engine and further sources, put at `output`.
function(lntpay_component name output)
  set(component ${CMAKE_SOURCE_DIR}/edge/component)
  add_executable(${name} ${component}/export.cpp ${component}/no_stdio.cpp ${component}/gen/edge.c ${ARGN})
  set_source_files_properties(${component}/gen/edge.c PROPERTIES COMPILE_OPTIONS -w)
  target_link_libraries(${name} PRIVATE lntpay_ours lntpay_guest lntpay_edge ${component}/gen/edge_component_type.o)
  lntpay_sees(${name} PRIVATE edge/component)
  # -O0 on the link line only: clang runs any wasm-opt on PATH there, and the bytes would depend on the machine.
  # --stack-first lets a stack overflow trap instead of overwriting globals.
  # -inline-threshold: the linker optimises as if for speed, and would copy into callers what -Oz kept apart.
  target_link_options(${name} PRIVATE -O0 -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first
    -Wl,-z,stack-size=262144 -Wl,--fatal-warnings -Wl,--wrap=snprintf -Wl,--wrap=strtod  # see no_stdio.cpp
    -Wl,-mllvm,-inline-threshold=-20 -Wl,-Map=${name}.map)
  find_program(LNTPAY_NODE node REQUIRED)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${LNTPAY_NODE} ${component}/componentize.mjs $<TARGET_FILE:${name}> ${output}
    VERBATIM)
endfunction()

lntpay_component(lntpay_component ${LNTPAY_OUTPUT_DIR}/lntpay.wasm)
