# Flags for every target: warnings are errors, ccache and mold are used when present.
add_compile_options(-Wall -Wextra -Wpedantic -Werror -fvisibility=hidden -fno-plt
  $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

find_program(GANTRY_CCACHE ccache)
if(GANTRY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GANTRY_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${GANTRY_CCACHE})
endif()
find_program(GANTRY_MOLD mold)
if(GANTRY_MOLD AND NOT GANTRY_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()
if(GANTRY_SANITIZE)
  # Line numbers are all a report needs; more takes half as long again to compile.
  set(CMAKE_CXX_FLAGS_DEBUG "-g1")
  set(CMAKE_C_FLAGS_DEBUG "-g1")
  add_compile_options(-fsanitize=${GANTRY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GANTRY_SANITIZE})
  # GCC 12 sees uninitialised values in the standard library's own code once it is instrumented.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  if(GANTRY_SANITIZE MATCHES thread)
    add_compile_options(-Wno-tsan)
  endif()
endif()
