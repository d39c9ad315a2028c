# Wasmtime's C API, as the set-up or WASMTIME_ROOT has it: include/ and lib/.
if(DEFINED ENV{WASMTIME_ROOT})
  set(wasmtime $ENV{WASMTIME_ROOT})
else()
  lntpay_pinned(wasmtime wasmtime)
endif()
set(WASMTIME_ROOT ${wasmtime} CACHE PATH "An unpacked Wasmtime C API: include/ and lib/")
find_library(LNTPAY_LIBWASMTIME wasmtime HINTS ${WASMTIME_ROOT}/lib NO_DEFAULT_PATH REQUIRED)

# The crate has conf.h as a template, a release has it made.
if(EXISTS ${WASMTIME_ROOT}/include/wasmtime/conf.h.in)
  foreach(feature WAT PARALLEL_COMPILATION ASYNC THREADS GC CRANELIFT POOLING_ALLOCATOR COMPONENT_MODEL COMPONENT_MODEL_ASYNC)
    set(WASMTIME_FEATURE_${feature} ON)
  endforeach()
  configure_file(${WASMTIME_ROOT}/include/wasmtime/conf.h.in ${CMAKE_BINARY_DIR}/third-party/wasmtime/wasmtime/conf.h)
endif()

add_library(lntpay_wasmtime SHARED IMPORTED)
set_target_properties(lntpay_wasmtime PROPERTIES
  IMPORTED_LOCATION ${LNTPAY_LIBWASMTIME}
  IMPORTED_NO_SONAME ON  # it has none; without this its absolute path would be what the loader looks for
  INTERFACE_INCLUDE_DIRECTORIES "${WASMTIME_ROOT}/include;${CMAKE_BINARY_DIR}/third-party/wasmtime")
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/third-party/wasmtime)
