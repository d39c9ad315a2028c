# The components. lntpay.wasm: core and edge behind the export of wit/edge.wit, with zero imports. edge-proxy.wasm: the same engine
# behind wasi:http.

# A component from the engine, its bindings in a folder, and sources, put at `output`. It imports the interfaces named, and no others.
function(lntpay_component name output)
  cmake_parse_arguments(arg "" "GEN" "SOURCES;LINK;IMPORTS" ${ARGN})
  set(component ${CMAKE_SOURCE_DIR}/edge/component)
  file(GLOB gen ${CMAKE_SOURCE_DIR}/${arg_GEN}/*.c)
  file(GLOB type ${CMAKE_SOURCE_DIR}/${arg_GEN}/*_component_type.o)
  add_executable(${name} ${component}/no_stdio.cpp ${gen} ${arg_SOURCES})
  set_source_files_properties(${gen} PROPERTIES COMPILE_OPTIONS -w)
  target_link_libraries(${name} PRIVATE lntpay_ours lntpay_guest ${arg_LINK} ${type})
  # -O0 on the link line only: clang runs any wasm-opt on PATH there, and the bytes would depend on the machine.
  # --stack-first lets a stack overflow trap instead of overwriting globals.
  # -inline-threshold: the linker optimises as if for speed, and would copy into callers what -Oz kept apart.
  target_link_options(${name} PRIVATE -O0 -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first
    -Wl,-z,stack-size=262144 -Wl,--fatal-warnings -Wl,--wrap=snprintf -Wl,--wrap=strtod  # see no_stdio.cpp
    -Wl,-mllvm,-inline-threshold=-20 -Wl,-Map=${name}.map)
  find_program(LNTPAY_NODE node REQUIRED)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${LNTPAY_NODE} ${component}/componentize.mjs $<TARGET_FILE:${name}> ${output} ${arg_IMPORTS}
    VERBATIM)
endfunction()

# The engine alone, and further sources.
function(lntpay_engine_component name output)
  lntpay_component(${name} ${output} GEN edge/component/gen SOURCES ${CMAKE_SOURCE_DIR}/edge/component/wit_export.cpp ${ARGN} LINK lntpay_edge)
  lntpay_sees(${name} PRIVATE edge/component)
endfunction()

lntpay_engine_component(lntpay_component ${LNTPAY_OUTPUT_DIR}/lntpay.wasm)

# The engine behind wasi:http, which `engine` makes an instance of.
function(lntpay_edge_proxy name output engine)
  set(wasi_http host-adapters/wasi-http/wasi)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${wasi_http}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/make_instance.cpp$")
  lntpay_component(${name} ${output} GEN ${wasi_http}/gen SOURCES ${sources} ${engine} LINK ${ARGN} lntpay_wasi_http
    IMPORTS wasi:http wasi:io wasi:clocks wasi:random wasi:cli)
  lntpay_sees(${name} PRIVATE ${wasi_http})
endfunction()

lntpay_edge_proxy(edge_proxy ${LNTPAY_OUTPUT_DIR}/edge-proxy.wasm ${CMAKE_SOURCE_DIR}/host-adapters/wasi-http/wasi/make_instance.cpp)
