// Task<T>: a lazy coroutine that reads top to bottom like the rule it implements.
//
// In a Task<Result<T>>, `co_await` on a Result, or on a Task of one, yields the value; an error ends the operation with that error.
// `attempt(task)` yields the Result itself. A Task is run by awaiting it, or by `start` at the root of a session.
//
// Error propagation: the coroutine stays suspended where it is, its result is set, and its parent resumes (or fails in turn). Its
// frame, and with it every local, is destroyed with the Task that owns it.
#pragma once
#include <concepts>
#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/error.hpp"
#include "core/storage/seam.hpp"

namespace lntpay {

template <class T>
class [[nodiscard]] Task;

namespace detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

struct PromiseBase {
  Seam* seam = nullptr;
  std::coroutine_handle<> parent;
  PromiseBase* parent_promise = nullptr;  ///< set if our error ends the parent too
  void (*fail_with)(PromiseBase&, Error&&) = nullptr;
};

template <class T>
struct Outcome : PromiseBase {
  std::optional<T> value;

  Outcome() {
    if constexpr (is_result<T>) {
      fail_with = [](PromiseBase& self, Error&& error) {
        auto& mine = static_cast<Outcome&>(self);
        mine.value.emplace(std::unexpected(std::move(error)));
        mine.finish();
      };
    }
  }
  void finish() {
    if constexpr (is_result<T>) {
      if (parent_promise != nullptr && !value->has_value()) {
        parent_promise->fail_with(*parent_promise, std::move(value->error()));
        return;
      }
    }
    if (parent) seam->schedule(parent);
  }
};

/// Runs a child to its end. `propagates`: `co_await` yields the value, and an error ends the parent.
template <class T, bool propagates>
struct Child {
  Task<T> task;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> parent) {
    auto& promise = task.promise();
    promise.seam = parent.promise().seam;
    promise.parent = parent;
    if constexpr (propagates) promise.parent_promise = &parent.promise();
    promise.seam->schedule(task.handle());
  }
  auto await_resume() {
    if constexpr (!propagates) {
      return std::move(*task.promise().value);
    } else if constexpr (!std::is_void_v<typename T::value_type>) {
      return std::move(**task.promise().value);
    }
  }
};

template <class T>
struct ValueOrFail {
  Result<T> result;

  [[nodiscard]] bool await_ready() const noexcept { return result.has_value(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> self) {
    auto& promise = self.promise();
    promise.fail_with(promise, std::move(result.error()));
  }
  auto await_resume() {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
};

}  // namespace detail

/// A task whose Result the caller handles itself.
template <class T>
struct [[nodiscard]] Attempt {
  Task<T> task;
};

template <class T>
Attempt<T> attempt(Task<T> task) {
  return {std::move(task)};
}

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// At the root of a session: runs until the first effect, or the end.
  void start(Seam& seam) {
    promise().seam = &seam;
    seam.schedule(handle_);
    seam.run();
  }
  /// The root's value, once it has ended.
  std::optional<T>& value() { return promise().value; }

  // For the awaiters above.
  promise_type& promise() { return handle_.promise(); }
  [[nodiscard]] Handle handle() const { return handle_; }

  struct promise_type : detail::Outcome<T> {
    struct Final {
      [[nodiscard]] bool await_ready() const noexcept { return false; }
      void await_suspend(Handle ended) const noexcept { ended.promise().finish(); }
      void await_resume() const noexcept {}
    };

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() const noexcept { __builtin_trap(); }
    template <class V = T>
    void return_value(V&& v) {
      this->value.emplace(std::forward<V>(v));
    }

    template <class U>
    auto await_transform(Task<U> child) {
      return detail::Child<U, detail::is_result<U> && detail::is_result<T>>{std::move(child)};
    }
    template <class U>
    detail::Child<U, false> await_transform(Attempt<U> child) {
      return {std::move(child.task)};
    }
    template <class U>
    detail::ValueOrFail<U> await_transform(Result<U> result) {
      static_assert(detail::is_result<T>, "only a Task<Result<…>> can fail with an error");
      return {std::move(result)};
    }
    Seam::Exchange await_transform(Seam::Exchange exchange) { return exchange; }
    /// An awaiter that must not move, because its task writes into it (Store::load).
    template <std::derived_from<detail::Child<Result<>, true>> Awaiter>
    Awaiter& await_transform(Awaiter&& awaiter) {
      static_assert(detail::is_result<T>, "only a Task<Result<…>> can fail with an error");
      Awaiter& in_place = awaiter;
      return in_place;
    }
  };

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

}  // namespace lntpay
