import QtQuick

Item {
    Centered {
        icon: "clock"
        title: Say.t("closing")
        line: Say.t("closing-line")
    }
}
