# danwa_proto(<library> <files>...): the messages and services of the .proto files (paths from the top, without ending),
# compiled once, for `#include "<file>.pb.h"` and, of services, `#include "<file>.grpc.pb.h"`. Third party to those
# who use it: no warnings in it, and none from its headers.
function(danwa_proto name)
  set(root ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${root})
  set(sources "")
  foreach(file IN LISTS ARGN)
    set(outputs ${root}/${file}.pb.cc ${root}/${file}.pb.h ${root}/${file}.grpc.pb.cc ${root}/${file}.grpc.pb.h)
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${root} --grpc_out=${root}
        --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${file}.proto
      DEPENDS ${PROJECT_SOURCE_DIR}/${file}.proto
      COMMENT "Generating ${file}.pb.cc"
      VERBATIM)
    list(APPEND sources ${root}/${file}.pb.cc ${root}/${file}.grpc.pb.cc)
  endforeach()
  add_library(${name}_objects OBJECT ${sources})
  set_target_properties(${name}_objects PROPERTIES UNITY_BUILD OFF)  # their names are alike
  target_include_directories(${name}_objects SYSTEM PUBLIC ${root})
  target_link_libraries(${name}_objects PUBLIC gRPC::grpc++ protobuf::libprotobuf)
  target_compile_options(${name}_objects PRIVATE -w)
  add_library(${name} STATIC)
  target_link_libraries(${name} PUBLIC ${name}_objects)
endfunction()
