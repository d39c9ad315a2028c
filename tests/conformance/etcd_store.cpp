// Implements the etcd store: the process, and requests to it by libcurl.
#include "tests/conformance/etcd_store.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "host-adapters/stores/rules/store_limits.hpp"
#include "tests/conformance/store_conformance.hpp"

extern char** environ;

namespace lntpay::test {
namespace {

std::size_t keep(char* data, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

std::string free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(probe, any, size) != 0 || getsockname(probe, any, &size) != 0) throw std::runtime_error("no port is free");
  close(probe);
  return std::to_string(ntohs(address.sin_port));
}

class Etcd {
 public:
  Etcd() : client_("http://127.0.0.1:" + free_port()), peer_("http://127.0.0.1:" + free_port()) { start(); }
  ~Etcd() {
    stop();
    curl_easy_cleanup(curl_);
  }
  Etcd(const Etcd&) = delete;
  Etcd& operator=(const Etcd&) = delete;

  Reply exchange(const host::EtcdCall& call) {
    std::string answer;
    const auto url = client_ + call.path;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, call.body.c_str());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 30L);
    const auto code = curl_easy_perform(curl_);
    if (code == CURLE_COULDNT_CONNECT) return NotSent{curl_easy_strerror(code)};
    if (code != CURLE_OK) return NoAnswer{curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    return Answered{{static_cast<std::uint16_t>(status), {}, std::move(answer)}};
  }

  void restart() {
    stop();
    start();
  }

 private:
  void start() {
    const auto quiet = folder_.file("log");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions, stream, quiet.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    // Room for the limits of host-adapters/stores/rules/store_limits.hpp.
    std::vector<std::string> words{"etcd",
                                   "--data-dir=" + folder_.file("data"),
                                   "--listen-client-urls=" + client_,
                                   "--advertise-client-urls=" + client_,
                                   "--listen-peer-urls=" + peer_,
                                   "--initial-advertise-peer-urls=" + peer_,
                                   "--initial-cluster=default=" + peer_,
                                   "--max-txn-ops=2048",
                                   "--max-request-bytes=33554432"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (posix_spawnp(&child_, "etcd", &actions, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("etcd cannot be started: apt-get install etcd-server");
    posix_spawn_file_actions_destroy(&actions);
    const host::EtcdSpace space("ready/");
    constexpr int tries_max = 600;
    for (int tries = 0; std::holds_alternative<Failed>(space.reply(Get{{"x"}}, exchange(space.call(Get{{"x"}})))); ++tries) {
      if (tries == tries_max) throw std::runtime_error("etcd does not answer: see " + quiet);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  void stop() const {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

  TempFolder folder_;
  std::string client_;
  std::string peer_;
  pid_t child_ = 0;
  CURL* curl_ = curl_easy_init();
};

Etcd& etcd() {
  static Etcd only;
  return only;
}

std::string next_prefix() {
  static int made = 0;
  return "store " + std::to_string(++made) + "/";
}

}  // namespace

EtcdStore::EtcdStore() : space_(next_prefix()) {}

host::Store::BatchEnd EtcdStore::end_batch() {
  open_ = false;
  return BatchEnd::durable;
}

template <class Effect>
Reply EtcdStore::perform(const Effect& asked) {
  if (!open_) return Failed{host::no_batch};
  if (const auto why = host::refusal(asked)) return Failed{*why};
  return space_.reply(asked, etcd().exchange(space_.call(asked)));
}

void EtcdStore::restart() { etcd().restart(); }

}  // namespace lntpay::test
