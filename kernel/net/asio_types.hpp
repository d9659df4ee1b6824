// The Asio types of this folder, with the concrete executor: no type-erased one on the data path.
// Internal: included by .cpp files and internal headers only.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "runtime/io_context.hpp"

namespace gantry::net {

using Executor = boost::asio::io_context::executor_type;
using Tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<Tcp, Executor>;

}  // namespace gantry::net
