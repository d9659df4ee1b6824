# cmake --install: the programs, the plugins (scripts/cmake/targets.cmake), and the SDK for plugins
# that are built outside of this tree. Folders are fixed: programs look for plugins and templates
# beside themselves.
include(CMakePackageConfigHelpers)
set(package lib/cmake/gantry)

install(TARGETS gantry gantryctl gantry_plugin_check RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/conf/ DESTINATION share/gantry/conf FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/template/ DESTINATION share/gantry/template
  REGEX "/sdk/template/README.md$" EXCLUDE)
# In the build tree the same place, seen from the programs, shows the sources.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/gantry)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/sdk/template ${CMAKE_BINARY_DIR}/share/gantry/template SYMBOLIC)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/abi/include/gantry DESTINATION include)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/cpp DESTINATION include/gantry-sdk
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.map")
install(TARGETS gantry_abi gantry_sdk_include gantry_plugin gantry_sdk gantry_fake_host
  EXPORT gantry ARCHIVE DESTINATION lib)
install(EXPORT gantry NAMESPACE gantry:: FILE gantryTargets.cmake DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/gantryConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/gantryConfigVersion.cmake
  ${CMAKE_SOURCE_DIR}/sdk/cmake/gantryConfig.cmake ${CMAKE_SOURCE_DIR}/sdk/cmake/plugin.cmake
  DESTINATION ${package})
install(FILES ${CMAKE_SOURCE_DIR}/tests/support/main.cpp DESTINATION ${package}
  RENAME test_main.cpp)
