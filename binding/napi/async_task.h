#pragma once

#include <napi.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>

#include "../core/base/cancel_token.h"
#include "../core/base/error.h"
#include "../core/base/thread_pool.h"

namespace fcn::binding {

class AsyncTask;

// What one Node environment (the main thread, or one worker thread) owns. Ends its tasks when it is torn
// down, be it by process.exit() or by the end of a worker: they are cancelled and waited for, and their
// promises dropped.
class Environment {
 public:
  explicit Environment(Napi::Env env);
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  // Main thread. Ends the cancelled tasks that still wait for a thread, so that they need not wait for their
  // turn only to say that they were cancelled.
  void endCancelledWaiting();

 private:
  friend class AsyncTask;

  // Any thread: runs `work` on the main thread soon.
  void post(std::function<void(Napi::Env)> work);
  void add(AsyncTask* task);
  void remove(AsyncTask* task);
  void tearDown();

  Napi::Env env_;
  Napi::ThreadSafeFunction toMainThread_;
  std::unordered_set<AsyncTask*> tasks_;  // main thread only
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t executing_ = 0;  // tasks handed to a pool and not yet done; guarded by mutex_
  bool closing_ = false;       // guarded by mutex_
};

// An operation that runs off the main thread and settles a promise. Derive from it, keep what execute() needs
// as members, and start it with `return (new MyTask(...))->start(pool)`; it deletes itself on the main
// thread.
class AsyncTask {
 public:
  // Main thread.
  AsyncTask(Napi::Env env, CancelToken cancel)
      : cancel_(std::move(cancel)), environment_(Environment::of(env)) {}
  virtual ~AsyncTask();

  // Main thread. Queues the task; the promise settles with toResult(), or with an Error that has a `code`.
  Napi::Promise start(ThreadPool& pool);
  // Main thread. Runs the task on a thread of its own.
  Napi::Promise startOnOwnThread();

 protected:
  // Pool thread, no access to JavaScript. May throw; poll cancel_ in long loops.
  virtual void execute() = 0;
  // Main thread, once execute() has returned.
  virtual Napi::Value toResult(Napi::Env env) = 0;
  // Pool thread, from execute(): runs `work` on the main thread unless the task has settled before.
  void post(std::function<void(Napi::Env)> work);

  CancelToken cancel_;

 private:
  friend class Environment;
  Napi::Promise begin();
  void failWithoutThread();
  void run();
  void finish();
  void settle(Napi::Env env);

  Environment& environment_;
  std::optional<Napi::Promise::Deferred> deferred_;  // once started
  std::thread ownThread_;
  std::exception_ptr failure_;
  // Set by whoever runs the task, a thread of the pool or endCancelledWaiting(); the other leaves it alone.
  // Outlives the task, for the pool may come to it after it has settled.
  const std::shared_ptr<std::atomic<bool>> taken_ = std::make_shared<std::atomic<bool>>(false);
};

// A JavaScript Error with the `code` of a core error; std::bad_alloc becomes FACE_OUT_OF_MEMORY, anything
// else FACE_INTERNAL.
Napi::Error toJavaScript(Napi::Env env, const std::exception_ptr& failure);

// What `call` returns; what it throws comes out as a JavaScript Error with a `code`.
template <typename Call>
auto withErrorCodes(Napi::Env env, const Call& call) {
  try {
    return call();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw toJavaScript(env, std::current_exception());
  }
}

}  // namespace fcn::binding
