#pragma once
// Which part of the server answers a request: by the path's beginning, then by the method. The parts
// know nothing of each other; HTTP knows nothing of what they do.

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "http/server.h"

namespace ipm::http {

// Filled before the server starts; immutable then, and shared by all threads.
class Router {
 public:
  enum class Below { Included, Excluded };

  // `path` is "/" or "/ipp" (no slash at its end): that path, and with Below::Included all paths below
  // it ("/ipp/print", not "/ippx"). Of several that match, the longest answers.
  void add(std::string path, Below below, std::initializer_list<Method> methods, Handler handler);

  // For ServerOptions. Nobody for this method at all: 405, with Allow. Nobody for this path with it:
  // 404. Copies share the routes.
  Handler handler() const;

 private:
  struct Route {
    std::string path;
    Below below;
    std::vector<Method> methods;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace ipm::http
