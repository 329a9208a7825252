#include "http/response.h"

#include <utility>

namespace ipm::http {

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

Response error_response(const Error& error) {
  return text_response(statuses(error.reaction()).http, error.for_terminal());
}

Response refusal_response(const Refusal& refusal) {
  Response response = text_response(refusal.status, refusal.error.for_terminal());
  if (refusal.status == 415) response.headers.add("Accept-Encoding", "identity");
  response.close = true;
  return response;
}

}  // namespace ipm::http
