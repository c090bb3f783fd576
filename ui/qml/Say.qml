pragma Singleton
import QtQuick
import Telecabine

// Words in the language that was chosen; a binding that calls these follows the language.
QtObject {
    function t(key: string): string {
        return Words.text(Words.language, key)
    }
    function what(key: string): string {
        return Words.what(Words.language, key)
    }
    function flag(key: string): string {
        return Words.flag(Words.language, key)
    }
    function todo(key: string): string {
        return Words.todo(Words.language, key)
    }
    function vital(key: string): string {
        return Words.vital(Words.language, key)
    }
    function number(text: string): string {
        return Words.number(Words.language, text)
    }
    function unit(text: string): string {
        return text === "1" ? "" : text
    }
}
