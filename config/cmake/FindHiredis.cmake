# Debian's libhiredis-dev ships no CMake package. Target Hiredis::hiredis; imported, so SYSTEM includes.
find_path(HIREDIS_INCLUDE_DIR NAMES hiredis/hiredis.h)
find_library(HIREDIS_LIBRARY NAMES hiredis)
if(HIREDIS_INCLUDE_DIR)
  foreach(_part MAJOR MINOR PATCH)
    file(STRINGS "${HIREDIS_INCLUDE_DIR}/hiredis/hiredis.h" _line REGEX "^#define HIREDIS_${_part} [0-9]+")
    string(REGEX REPLACE "[^0-9]" "" _${_part} "${_line}")
  endforeach()
  set(HIREDIS_VERSION "${_MAJOR}.${_MINOR}.${_PATCH}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Hiredis REQUIRED_VARS HIREDIS_LIBRARY HIREDIS_INCLUDE_DIR
  VERSION_VAR HIREDIS_VERSION HANDLE_VERSION_RANGE)
if(Hiredis_FOUND AND NOT TARGET Hiredis::hiredis)
  add_library(Hiredis::hiredis UNKNOWN IMPORTED)
  set_target_properties(Hiredis::hiredis PROPERTIES IMPORTED_LOCATION "${HIREDIS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HIREDIS_INCLUDE_DIR}")
endif()
