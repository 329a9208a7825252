#include "http/response.h"

#include <utility>

#include "base/error_wire.h"

namespace ipm::http {

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

Response error_response(const Error& error) {
  Response response = text_response(statuses(error.reaction()).http, error.for_terminal());
  response.error = error;
  return response;
}

void speak_as_data(Response& response) {
  if (!response.error) return;
  response.body = encode_problem(*response.error, response.status);
  response.headers.set("Content-Type", kProblemType);
}

Response refusal_response(const Refusal& refusal) {
  Response response = error_response(refusal.error);
  response.status = refusal.status;
  if (refusal.status == 415) response.headers.add("Accept-Encoding", "identity");
  response.close = true;
  return response;
}

}  // namespace ipm::http
