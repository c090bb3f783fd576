import QtQuick

Text {
    color: Theme.ink
    font.pixelSize: Theme.body
    wrapMode: Text.WordWrap
    textFormat: Text.PlainText
}
