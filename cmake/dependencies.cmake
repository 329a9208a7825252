# The libraries, each as an imported target. All come from Debian's packages (tools/install).
if(POLICY CMP0167)  # Boost brings its own CMake files.
  cmake_policy(SET CMP0167 NEW)
endif()
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)

# Asio and Beast are compiled once, here, and their headers precompiled once for everybody.
add_library(ipm_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/asio.cpp)
add_library(ipm::asio ALIAS ipm_asio)
target_compile_definitions(ipm_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(ipm_asio PUBLIC Boost::headers Threads::Threads)
target_compile_options(ipm_asio PRIVATE -Wno-old-style-cast -Wno-shadow -Wno-cast-qual)
target_precompile_headers(ipm_asio PRIVATE
  <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <utility> <variant> <vector> <fmt/format.h>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/generic/stream_protocol.hpp> <boost/asio/local/stream_protocol.hpp>
  <boost/asio/post.hpp> <boost/asio/steady_timer.hpp> <boost/asio/thread_pool.hpp>
  <boost/asio/as_tuple.hpp> <boost/asio/use_awaitable.hpp>)
target_link_libraries(ipm_asio PUBLIC fmt::fmt)
