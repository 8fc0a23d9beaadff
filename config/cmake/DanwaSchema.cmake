# danwa_graphql_schema(<target> <function> <file.graphql>): compiles a GraphQL schema, and what every schema has, into
# `const danwa::adapters::graphql::Schema& <function>()` of the target. A wrong schema fails the build and says why.
set(DANWA_SCHEMA_COMPILER ${CMAKE_CURRENT_LIST_DIR}/compile_schema.py)
set(DANWA_SCHEMA_READER ${CMAKE_CURRENT_LIST_DIR}/graphql_sdl.py)
function(danwa_graphql_schema target function file)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  set(builtin ${PROJECT_SOURCE_DIR}/adapters/graphql/builtin.graphql)
  add_custom_command(OUTPUT ${output}
    COMMAND Python3::Interpreter -B ${DANWA_SCHEMA_COMPILER} ${output} ${function} ${builtin} ${file}
    DEPENDS ${DANWA_SCHEMA_COMPILER} ${DANWA_SCHEMA_READER} ${builtin} ${file}
    COMMENT "Compiling ${function}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
