# find_package(gantry): gantry::sdk, gantry::fake_host, gantry_add_plugin and gantry_add_plugin_test.
include(${CMAKE_CURRENT_LIST_DIR}/gantryTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/plugin.cmake)
