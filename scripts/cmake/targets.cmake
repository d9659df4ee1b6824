# gantry_library(name SOURCES ... [PUBLIC deps...] [PRIVATE deps...] [PCH header])
# One folder, one library; its link list is the row of the dependency rule that scripts/tidy checks.
function(gantry_library name)
  cmake_parse_arguments(A "" "PCH" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_link_libraries(${name} PUBLIC ${A_PUBLIC} PRIVATE ${A_PRIVATE})
  if(A_PCH AND GANTRY_PCH)
    target_precompile_headers(${name} PRIVATE ${A_PCH})
  endif()
endfunction()

include(${CMAKE_SOURCE_DIR}/sdk/cmake/plugin.cmake)

# gantry_plugin(name SOURCES ... [PRIVATE deps...] [DIRECTORY folder]): a plugin of this tree, as
# gantry_add_plugin makes it. Without DIRECTORY it goes to build/lib/gantry/plugins and is installed.
# It knows the ABI only; a C++ one names gantry_sdk.
function(gantry_plugin name)
  cmake_parse_arguments(A "" "DIRECTORY" "SOURCES;PRIVATE" ${ARGN})
  set(installed OFF)
  if(NOT A_DIRECTORY)
    set(A_DIRECTORY ${GANTRY_PLUGIN_DIR})
    set_property(GLOBAL APPEND PROPERTY gantry_plugins ${name})
    set(installed ON)
  endif()
  gantry_add_plugin(${name} SOURCES ${A_SOURCES} LINK gantry::plugin ${A_PRIVATE}
    DIRECTORY ${A_DIRECTORY})
  if(installed)
    install(TARGETS ${name} LIBRARY DESTINATION lib/gantry/plugins)
  endif()
endfunction()

# gantry_test(name SOURCES ... [PRIVATE deps...] [LABELS ...] [PLUGINS targets...])
# One Catch2 suite; ctest runs it whole. PLUGINS are built before it.
function(gantry_test name)
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;PRIVATE;LABELS;PLUGINS" ${ARGN})
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE gantry_test_main ${A_PRIVATE})
  if(A_PLUGINS)
    add_dependencies(${name} ${A_PLUGINS})
  endif()
  target_compile_definitions(${name} PRIVATE
    GANTRY_SOURCE_DIR="${CMAKE_SOURCE_DIR}" GANTRY_PLUGIN_DIR="${GANTRY_PLUGIN_DIR}"
    GANTRY_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${A_TIMEOUT} LABELS "${A_LABELS}")
endfunction()

# gantry_fuzz(name SOURCES ... [PRIVATE deps...] [SEEDS folder]): a libFuzzer target; only with GANTRY_FUZZ.
function(gantry_fuzz name)
  cmake_parse_arguments(A "" "SEEDS" "SOURCES;PRIVATE" ${ARGN})
  if(GANTRY_FUZZ)
    add_executable(${name} ${A_SOURCES})
    target_link_libraries(${name} PRIVATE ${A_PRIVATE})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
