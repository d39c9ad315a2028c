// The description of an object of the API, from which both its JSON and its schema are made.
//
//   inline constexpr auto note_object = object_of<Note>(
//       member("subject", "Id of the object.", [](const Note& note) { return std::string_view(note.subject); }),
//       member("read_at", "When it was read.", [](const Note& note) { return note.read_at; }));
//   note_object.text(note)  == R"({"subject":"ch_1","read_at":null})"
//   note_object.fields()    // one Field for each member
//
// A member's type, its names, the members of an object in it and whether it is always present follow from the type that its reader
// returns: JsonForm.
#pragma once
#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "core/base/enum_names.hpp"
#include "core/base/field.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/base/units.hpp"

namespace lntpay {

struct Sats {
  std::uint64_t value = 0;
};
/// Of balances and amounts received.
constexpr Sats sats_down(Msat amount) { return {amount.value / 1'000}; }
/// Of required amounts, prices, fees and fee limits.
constexpr Sats sats_up(Msat amount) { return {(amount.value + 999) / 1'000}; }

/// A user's object, or another without a description, as JSON. Not empty. `Text` is std::string or std::string_view.
template <class Text>
struct RawJson {
  Text text;
};
constexpr std::optional<RawJson<std::string_view>> json_or_null(std::string_view json) {
  return json.empty() ? std::nullopt : std::optional(RawJson<std::string_view>{json});
}

struct UrlText {
  std::string_view text;
};

/// One of the `names` of its field.
struct NameOf {
  std::string_view name;
};

template <std::size_t N>
struct Literal {
  char text[N]{};
  consteval Literal(const char (&from)[N]) {  // NOLINT(google-explicit-constructor): a template argument, written as text
    for (std::size_t i = 0; i < N; ++i) text[i] = from[i];
  }
};
/// A text that is the same in all objects.
template <Literal Text>
struct FixedText {};

/// A list of names of `E` as JSON.
template <class E>
struct NameList {
  std::string json;
};
template <NamedEnum E, class List>
NameList<E> name_list(const List& values) {
  JsonArray names;
  for (const E value : values) names.add(name_of(value));
  return {names.text()};
}

/// A list of texts as JSON.
struct TextList {
  std::string json;
};
template <class List>
TextList text_list(const List& values) {
  JsonArray texts;
  for (const auto& value : values) texts.add(value);
  return {texts.text()};
}

/// An object by its description, as JSON; with `Lists` 1 a list of such objects, with 2 a list of such lists.
template <const auto& Description, std::uint8_t Lists = 0>
struct Described {
  std::string json;
};
template <const auto& Description>
Described<Description> described(const typename std::remove_cvref_t<decltype(Description)>::RecordType& record) {
  return {Description.text(record)};
}
template <const auto& Description, class List>
Described<Description, 1> described_list(const List& records) {
  JsonArray objects;
  for (const auto& record : records) objects.raw(Description.text(record));
  return {objects.text()};
}

/// A member that the object does not have at all where there is no value: not even as null.
template <class T>
struct OnlyWhenGiven {
  std::optional<T> value;
};

constexpr std::optional<std::string_view> null_if_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// How a value of type T appears in an object.
template <class T>
struct JsonForm;

template <FieldType Type>
struct JsonFormOf {
  static constexpr FieldType type = Type;
  static constexpr bool required = true;
  static constexpr bool only_when_given = false;
  static constexpr bool nullable = false;
  static constexpr std::uint8_t lists = 0;
  static constexpr Schema members{};
  static constexpr std::span<const std::string_view> names{};
};

inline constexpr std::string_view only_true[] = {"true"};
/// A flag that is true where it is present.
template <>
struct JsonForm<std::true_type> : JsonFormOf<FieldType::boolean> {
  static constexpr std::span<const std::string_view> names{only_true};
  static void write(JsonObject& object, std::string_view name, std::true_type /*value*/) { object.add(name, true); }
};
template <>
struct JsonForm<bool> : JsonFormOf<FieldType::boolean> {
  static void write(JsonObject& object, std::string_view name, bool value) { object.add(name, value); }
};
template <std::integral N>
struct JsonForm<N> : JsonFormOf<FieldType::integer> {
  static void write(JsonObject& object, std::string_view name, N value) { object.add(name, value); }
};
template <class T>
  requires std::convertible_to<T, std::string_view>
struct JsonForm<T> : JsonFormOf<FieldType::text> {
  static void write(JsonObject& object, std::string_view name, std::string_view value) { object.add(name, value); }
};
template <NamedEnum E>
struct JsonForm<E> : JsonFormOf<FieldType::one_of> {
  static constexpr std::span<const std::string_view> names{enum_names<E>};
  static void write(JsonObject& object, std::string_view name, E value) { object.add(name, name_of(value)); }
};
template <Literal Text>
struct JsonForm<FixedText<Text>> : JsonFormOf<FieldType::one_of> {
  static constexpr std::string_view text{Text.text, sizeof(Text.text) - 1};
  static constexpr std::span<const std::string_view> names{&text, 1};
  static void write(JsonObject& object, std::string_view name, FixedText<Text> /*value*/) { object.add(name, text); }
};
template <>
struct JsonForm<NameOf> : JsonFormOf<FieldType::one_of> {
  static void write(JsonObject& object, std::string_view name, NameOf value) { object.add(name, value.name); }
};
template <class E>
struct JsonForm<NameList<E>> : JsonFormOf<FieldType::names> {
  static constexpr std::span<const std::string_view> names{enum_names<E>};
  static void write(JsonObject& object, std::string_view name, const NameList<E>& list) { object.raw(name, list.json); }
};
template <>
struct JsonForm<TextList> : JsonFormOf<FieldType::names> {
  static void write(JsonObject& object, std::string_view name, const TextList& list) { object.raw(name, list.json); }
};
template <>
struct JsonForm<Msat> : JsonFormOf<FieldType::msats> {
  static void write(JsonObject& object, std::string_view name, Msat amount) { object.add(name, amount.value); }
};
template <>
struct JsonForm<Sats> : JsonFormOf<FieldType::sats> {
  static void write(JsonObject& object, std::string_view name, Sats amount) { object.add(name, amount.value); }
};
template <>
struct JsonForm<UnixMillis> : JsonFormOf<FieldType::time> {
  static void write(JsonObject& object, std::string_view name, UnixMillis at) { object.add(name, rfc3339(at)); }
};
template <>
struct JsonForm<Bytes32> : JsonFormOf<FieldType::hex32> {
  static void write(JsonObject& object, std::string_view name, const Bytes32& bytes) { object.add(name, hex(bytes)); }
};
template <>
struct JsonForm<UrlText> : JsonFormOf<FieldType::url> {
  static void write(JsonObject& object, std::string_view name, UrlText url) { object.add(name, url.text); }
};
template <class Text>
struct JsonForm<RawJson<Text>> : JsonFormOf<FieldType::object> {
  static void write(JsonObject& object, std::string_view name, const RawJson<Text>& json) { object.raw(name, json.text); }
};
template <const auto& Description, std::uint8_t Lists>
struct JsonForm<Described<Description, Lists>> : JsonFormOf<FieldType::object> {
  static constexpr auto fields = Description.fields();
  static constexpr std::uint8_t lists = Lists;
  static constexpr Schema members{fields};
  static void write(JsonObject& object, std::string_view name, const Described<Description, Lists>& value) {
    object.raw(name, value.json);
  }
};
template <class T>
struct JsonForm<std::optional<T>> : JsonForm<T> {
  static constexpr bool required = false;
  static constexpr bool nullable = true;
  static void write(JsonObject& object, std::string_view name, const std::optional<T>& value) {
    if (value) {
      JsonForm<T>::write(object, name, *value);
    } else {
      object.raw(name, "null");
    }
  }
};
template <class T>
struct JsonForm<OnlyWhenGiven<T>> : JsonForm<T> {
  static constexpr bool required = false;
  static constexpr bool only_when_given = true;
  static void write(JsonObject& object, std::string_view name, const OnlyWhenGiven<T>& given) {
    if (given.value) JsonForm<T>::write(object, name, *given.value);
  }
};

template <class Reader>
struct Member {
  Field field;
  Reader read;
};
template <class Reader>
constexpr Member<Reader> member(std::string_view name, Prose description, Reader read) {
  return {{.name = name, .description = description}, read};
}
/// With `min`, `max`, `names`, `lists` or `required` where those that follow from the reader's type do not fit.
template <class Reader>
constexpr Member<Reader> member(Field field, Reader read) {
  return {field, read};
}

/// The member `object`, which names the kind of an object: kind_member<"charge">().
template <Literal Kind>
constexpr auto kind_member() {
  return member("object", "The kind of this object.", [](const auto&) { return FixedText<Kind>{}; });
}

template <class Record, class... Readers>
class ObjectDescription {
 public:
  using RecordType = Record;

  constexpr explicit ObjectDescription(Member<Readers>... members) : members_(members...) {}

  [[nodiscard]] std::string text(const Record& record) const { return json(record).text(); }
  /// To add members that are not described.
  [[nodiscard]] JsonObject json(const Record& record) const {
    JsonObject object;
    std::apply([&](const auto&... each) { (write(object, each, record), ...); }, members_);
    return object;
  }

  [[nodiscard]] consteval std::array<Field, sizeof...(Readers)> fields() const {
    return std::apply([](const auto&... each) { return std::array{field_of(each)...}; }, members_);
  }

 private:
  template <class Reader>
  using Form = JsonForm<std::remove_cvref_t<std::invoke_result_t<Reader, const Record&>>>;

  template <class Reader>
  static void write(JsonObject& object, const Member<Reader>& member, const Record& record) {
    Form<Reader>::write(object, member.field.name, member.read(record));
  }

  template <class Reader>
  static consteval Field field_of(const Member<Reader>& member) {
    auto field = member.field;
    field.type = Form<Reader>::type;
    field.required = field.required || Form<Reader>::required;
    field.only_when_given = Form<Reader>::only_when_given;
    field.nullable = Form<Reader>::nullable && !field.required;
    if (field.lists == 0) field.lists = Form<Reader>::lists;
    field.members = Form<Reader>::members;
    if (field.names.empty()) field.names = Form<Reader>::names;
    return field;
  }

  std::tuple<Member<Readers>...> members_;
};

template <class Record, class... Readers>
constexpr ObjectDescription<Record, Readers...> object_of(Member<Readers>... members) {
  return ObjectDescription<Record, Readers...>(members...);
}

}  // namespace lntpay
