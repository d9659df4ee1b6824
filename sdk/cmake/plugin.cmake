# How a plugin and its test are built: by Gantry's own build, and by others' after find_package(gantry).
# Beside it, wherever it is: test_main.cpp.
set(GANTRY_SDK_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# gantry_add_plugin(name SOURCES ... [LINK deps...] [DIRECTORY folder]): <name>.so, which exports
# gantry_plugin_v1 and nothing else. LINK is gantry::sdk if left out. The code is an object library
# <name>_objects, so that tests can link it too.
function(gantry_add_plugin name)
  cmake_parse_arguments(A "" "DIRECTORY" "SOURCES;LINK" ${ARGN})
  if(NOT A_SOURCES OR A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gantry_add_plugin(${name} SOURCES files... [LINK deps...] [DIRECTORY folder]): "
      "no SOURCES, or what isn't known: '${A_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT A_LINK)
    set(A_LINK gantry::sdk)
  endif()
  add_library(${name}_objects OBJECT ${A_SOURCES})
  target_link_libraries(${name}_objects PUBLIC ${A_LINK})
  add_library(${name} MODULE $<TARGET_OBJECTS:${name}_objects>)
  target_link_libraries(${name} PRIVATE gantry::plugin ${A_LINK})
  set_target_properties(${name}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
  set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name})
  if(A_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${A_DIRECTORY})
  endif()
endfunction()

# gantry_add_plugin_test(name SOURCES ... PLUGIN plugin [LINK deps...]): a Catch2 suite with the
# plugin's code linked in and the fake host at hand; ctest runs it.
function(gantry_add_plugin_test name)
  cmake_parse_arguments(A "" "PLUGIN" "SOURCES;LINK" ${ARGN})
  if(NOT A_SOURCES OR NOT A_PLUGIN OR A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gantry_add_plugin_test(${name} SOURCES files... PLUGIN plugin [LINK deps...]): "
      "no SOURCES or PLUGIN, or what isn't known: '${A_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT TARGET gantry_test_main)
    find_path(GANTRY_CATCH2_DIR catch2/catch.hpp REQUIRED DOC "Catch2, version 2")
    add_library(gantry_test_main STATIC ${GANTRY_SDK_CMAKE_DIR}/test_main.cpp)
    target_include_directories(gantry_test_main PUBLIC ${GANTRY_CATCH2_DIR})
  endif()
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE ${A_PLUGIN}_objects gantry::fake_host gantry_test_main
    ${A_LINK})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
