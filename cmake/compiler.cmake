# The compiler, its warnings, and the instrumented builds.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} destroys temporaries twice inside a co_await expression "
    "(GCC PR 107288). Use clang++ 19 (package clang-19; the presets choose it).")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Wcast-qual -Wimplicit-fallthrough -fno-omit-frame-pointer)
add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Without it a rebuilt precompiled header differs by its time alone, and ccache never hits.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  add_link_options(-fuse-ld=lld-19)
endif()
add_link_options(-Wl,-z,relro,-z,now)
# -fPIC for all alike: programs and libraries share one precompiled header.
add_compile_options(-fPIC)

if(IPM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(IPM_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(IPM_TSAN)
  add_compile_options(-fsanitize=thread -O1)
  add_link_options(-fsanitize=thread)
endif()
# Debug symbols of line tables alone: stack traces stay readable and the build stays quick.
add_compile_options($<$<CONFIG:Debug>:-gline-tables-only>)
if(IPM_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate -fcoverage-mapping)
endif()
