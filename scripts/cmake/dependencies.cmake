# Third-party libraries, all from the distribution's packages (see scripts/deps).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
find_path(GANTRY_TOMLPLUSPLUS_DIR toml++/toml.h REQUIRED)
find_path(GANTRY_CLI11_DIR CLI/CLI.hpp REQUIRED)
find_path(GANTRY_FLATBUFFERS_DIR flatbuffers/flatbuffers.h REQUIRED)
find_program(GANTRY_FLATC flatc REQUIRED)
find_path(GANTRY_CATCH2_DIR catch2/catch.hpp)

# Asio's sources are compiled once, in kernel/runtime/asio.cpp (and sdk/client), not in every file that uses it.
add_library(gantry_asio INTERFACE)
target_link_libraries(gantry_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(gantry_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
