# Required. config/packages lists the Debian packages.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CAF 0.17.6 REQUIRED COMPONENTS core io)
find_package(SQLiteCpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json 3 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pegtl 3.2 REQUIRED)
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)  # compiles the GraphQL schema

# Asio and Beast are header only here; one target carries how we use them.
add_library(danwa_asio INTERFACE)
add_library(danwa::asio ALIAS danwa_asio)
target_link_libraries(danwa_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(danwa_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ERROR_CODE_HEADER_ONLY
  BOOST_BEAST_USE_STD_STRING_VIEW)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # the fuzzers' compiler: Asio 1.74 does not see its coroutines
  target_compile_definitions(danwa_asio INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1
    __cpp_impl_coroutine=201902L)
endif()

if(DANWA_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()

# Optional: found -> built, absent -> named in the summary.
find_package(Hiredis 0.14...<1 QUIET)
set(DANWA_REDIS ${Hiredis_FOUND})

find_package(Libpq 14 QUIET)  # pipeline mode
set(DANWA_POSTGRES ${Libpq_FOUND})

# gRPC: the library, the messages, and the two compilers of chat.proto.
find_package(gRPC 1.51 CONFIG QUIET)
find_package(Protobuf 3.21 QUIET)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin)
if(TARGET gRPC::grpc++_reflection AND TARGET protobuf::protoc AND GRPC_CPP_PLUGIN)
  set(DANWA_GRPC ON)
else()
  set(DANWA_GRPC OFF)
endif()
