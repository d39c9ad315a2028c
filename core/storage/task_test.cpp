// Tasks: order, error propagation, constant stack.
#include "core/storage/task.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::task_test {
namespace {

struct Logged {
  std::string& log;
  std::string name;
  Logged(std::string& where, std::string what) : log(where), name(std::move(what)) {}
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { log += "~" + name + " "; }
};

Task<Result<int>> number(int n) {
  if (n < 0) co_return fail(ErrorCode::invalid_state, "negative");
  co_return n;
}

Task<Result<int>> sum(int a, int b, std::string& log) {
  const Logged logged{log, "sum"};
  const int x = co_await number(a);
  const int y = co_await number(b);
  log += "added ";
  co_return x + y;
}

Task<Result<>> outer(int a, int b, std::string& log) {
  const Logged logged{log, "outer"};
  const int total = co_await sum(a, b, log);
  log += std::to_string(total) + " ";
  co_return {};
}

Task<Result<std::string>> result_text(int a, std::string& log) {
  const Result<int> seen = co_await attempt(sum(a, 1, log));
  co_return seen ? "ok" : "failed: " + seen.error().message;
}

Task<Result<std::size_t>> many(std::size_t times) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < times; ++i) total += static_cast<std::size_t>(co_await number(1));
  co_return total;
}

Task<Result<std::string>> ask(Seam& seam) {
  auto replies = co_await seam.perform(Get{{"a", "b"}});
  const auto& entries = std::get<Entries>(replies.at(0)).entries;
  co_return entries.at(0)->value + std::to_string(seam.now().value);
}

}  // namespace

TEST_CASE("a task runs its children in order and yields their values") {
  Seam seam{{}};
  std::string log;
  auto task = outer(2, 3, log);
  task.start(seam);
  REQUIRE(task.value().has_value());
  CHECK(task.value()->has_value());
  CHECK(log == "added ~sum 5 ~outer ");
}

TEST_CASE("an error ends every operation up to the root and destroys their locals") {
  Seam seam{{}};
  std::string log;
  {
    auto task = outer(2, -3, log);
    task.start(seam);
    REQUIRE(task.value().has_value());
    CHECK(task.value()->error().message == "negative");
    CHECK(log.empty());
  }
  CHECK(log == "~sum ~outer ");
}

TEST_CASE("an attempt yields the result instead of propagating the error") {
  Seam seam{{}};
  std::string log;
  auto task = result_text(-1, log);
  task.start(seam);
  CHECK(**task.value() == "failed: negative");
}

TEST_CASE("a million children in a loop use no stack") {
  Seam seam{{}};
  auto task = many(1'000'000);
  task.start(seam);
  CHECK(**task.value() == 1'000'000);
}

TEST_CASE("a task suspends at an effect and resumes with the replies and a new clock") {
  Seam seam{{1}};
  auto task = ask(seam);
  task.start(seam);
  CHECK_FALSE(task.value().has_value());
  CHECK(seam.waiting());
  CHECK(seam.take_effects() == std::vector<Effect>{Get{{"a", "b"}}});
  seam.answer({7}, {Entries{{Entry{"a", "row", 1}, std::nullopt}}});
  CHECK(**task.value() == "row7");
}

TEST_CASE("destroying a suspended task destroys its locals") {
  std::string log;
  {
    Seam seam{{1}};
    auto waits = [](Seam& at, std::string& to) -> Task<Result<>> {
      const Logged logged{to, "waits"};
      co_await at.perform(WaitFor{});
      co_return {};
    };
    auto task = waits(seam, log);
    task.start(seam);
  }
  CHECK(log == "~waits ");
}

}  // namespace lntpay::task_test
