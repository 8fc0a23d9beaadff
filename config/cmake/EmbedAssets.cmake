# cmake -DSOURCE=<adapters/web> -DOUTPUT=<assets.cpp> -P EmbedAssets.cmake
#
# Writes the definition of danwa::adapters::web::assets(): every file of <SOURCE>/page, index.html being
# "/" and graphiql.html "/graphiql", and the two contracts beside it.
cmake_minimum_required(VERSION 3.25)

set(type_.html "text/html; charset=utf-8")
set(type_.css "text/css; charset=utf-8")
set(type_.js "text/javascript; charset=utf-8")
set(type_.svg "image/svg+xml")
set(type_.yaml "application/yaml; charset=utf-8")

file(GLOB files "${SOURCE}/page/*" "${SOURCE}/*.yaml")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  get_filename_component(extension "${file}" LAST_EXT)
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "no content type for ${file}")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  elseif(name STREQUAL "graphiql.html")
    set(path "/graphiql")
  endif()
  file(SHA256 "${file}" digest)
  string(SUBSTRING "${digest}" 0 20 etag)
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  string(APPEND entries
    "    Asset{\"${path}\", \"${type_${extension}}\", \"\\\"${etag}\\\"\", {\"${escaped}\", ${size}}},\n")
endforeach()

file(WRITE "${OUTPUT}" "#include \"adapters/web/assets.hpp\"

#include <array>

namespace danwa::adapters::web {
namespace {

constexpr auto kAssets = std::to_array<Asset>({
${entries}});

}  // namespace

std::span<const Asset> assets() { return kAssets; }

}  // namespace danwa::adapters::web
")
