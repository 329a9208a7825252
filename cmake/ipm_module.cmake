# ipm_module(name [PUBLIC dep...] [PRIVATE dep...] [ASIO] [SYSTEMS folder...])
#
# Builds src/<name>/**.cpp as ipm::<name> and tests/<name>/*_test.cpp as <name>_test.
# A dep is another floor ("base") or an imported target ("OpenSSL::SSL"). The deps are also the
# allowed #includes: each floor has an include root of its own, so an undeclared include does not
# compile, and layers_test.cmake catches what a PUBLIC dependency leaks.
# ASIO: the floor uses coroutines, and shares Asio's precompiled header.
# SYSTEMS: of the floor's folders only these are built, because the others are for other systems.
function(ipm_module name)
  cmake_parse_arguments(arg "ASIO" "" "PUBLIC;PRIVATE;SYSTEMS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(arg_SYSTEMS)
    list(JOIN arg_SYSTEMS "|" systems)
    list(FILTER sources INCLUDE REGEX "/src/${name}/((${systems})/)?[^/]+$")
  endif()
  add_library(ipm_${name} STATIC ${sources})
  add_library(ipm::${name} ALIAS ipm_${name})
  set(root ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${root}/${name} SYMBOLIC)
  target_include_directories(ipm_${name} PUBLIC ${root})
  set(allowed)
  foreach(scope PUBLIC PRIVATE)
    foreach(dep ${arg_${scope}})
      if(NOT dep MATCHES "::")
        list(APPEND allowed ${dep})
        set(dep ipm::${dep})
      endif()
      target_link_libraries(ipm_${name} ${scope} ${dep})
    endforeach()
  endforeach()
  if(arg_ASIO)
    target_link_libraries(ipm_${name} PUBLIC ipm::asio)
    target_precompile_headers(ipm_${name} REUSE_FROM ipm_asio)
  endif()
  list(JOIN allowed "+" allowed)
  set_property(GLOBAL APPEND PROPERTY IPM_LAYERS "${name}:${allowed}")

  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp)
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ipm::${name} ipm::test_support)
    target_compile_definitions(${name}_test PRIVATE IPM_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
      IPM_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared")
    if(arg_ASIO)
      target_precompile_headers(${name}_test REUSE_FROM ipm_asio)
    endif()
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()

function(ipm_layers_test)
  get_property(layers GLOBAL PROPERTY IPM_LAYERS)
  string(REPLACE ";" "," layers "${layers}")
  add_test(NAME layers COMMAND ${CMAKE_COMMAND} -DLAYERS=${layers}
           -DSRC=${PROJECT_SOURCE_DIR}/src -P ${PROJECT_SOURCE_DIR}/cmake/layers_test.cmake)
endfunction()
