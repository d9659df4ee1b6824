// Asio's own sources, compiled here once for everything that links this library.
#include <boost/asio/impl/src.hpp>
