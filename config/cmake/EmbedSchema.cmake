# cmake -DSOURCE=<adapters/graphql> -DOUTPUT=<sdl.cpp> -P EmbedSchema.cmake
#
# Writes the functions of adapters/graphql/sdl.hpp: <name>_sdl() holds the bytes of <SOURCE>/<name>.graphql.
cmake_minimum_required(VERSION 3.25)

file(GLOB files "${SOURCE}/*.graphql")
list(SORT files)
set(functions "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  string(APPEND functions "std::string_view ${name}_sdl() { return {\"${escaped}\", ${size}}; }\n")
endforeach()

file(WRITE "${OUTPUT}" "#include \"adapters/graphql/sdl.hpp\"

namespace danwa::adapters::graphql {

${functions}
}  // namespace danwa::adapters::graphql
")
