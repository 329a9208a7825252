#include "http/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

constexpr std::array kMethods = {Method::Get, Method::Head, Method::Post, Method::Options};

bool lies_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool answers(const std::vector<Method>& methods, Method method) {
  return std::ranges::find(methods, method) != methods.end();
}

Response refusal(int status, std::string happened, std::string expected) {
  Response response =
      error_response(Error(Message::HttpUnsupported, std::move(happened), std::move(expected)));
  response.status = status;
  return response;
}

}  // namespace

void Router::add(std::string path, Below below, std::initializer_list<Method> methods,
                 Handler handler) {
  routes_.push_back({std::move(path), below, methods, std::move(handler)});
  std::ranges::sort(routes_, [](const Route& a, const Route& b) {
    if (a.path.size() != b.path.size()) return a.path.size() > b.path.size();
    return a.below == Below::Excluded && b.below == Below::Included;
  });
}

Handler Router::handler() const {
  struct Table {
    std::vector<Route> routes;
    std::string allowed;

    // Not a coroutine of its own where somebody answers: a request costs no frame here.
    asio::awaitable<Response> answer(Request& request) const {
      bool known = false;
      for (const Route& route : routes) {
        if (!answers(route.methods, request.method())) continue;
        known = true;
        const bool here = route.below == Below::Included ? lies_below(request.path(), route.path)
                                                         : request.path() == route.path;
        if (here) return route.handler(request);
      }
      return refuse(known);
    }
    asio::awaitable<Response> refuse(bool known) const {
      if (known) co_return refusal(404, "there is no such page here", "/");
      Response response = refusal(405, "this method is not answered here", allowed);
      response.headers.add("Allow", allowed);
      co_return response;
    }
  };
  auto table = std::make_shared<Table>();
  table->routes = routes_;
  for (const Method method : kMethods) {
    const bool used = std::ranges::any_of(
        routes_, [&](const Route& route) { return answers(route.methods, method); });
    if (!used) continue;
    if (!table->allowed.empty()) table->allowed += ", ";
    table->allowed += to_text(method);
  }
  return [table = std::shared_ptr<const Table>(std::move(table))](Request& request) {
    return table->answer(request);
  };
}

}  // namespace ipm::http
