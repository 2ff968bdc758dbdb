"""A text that only says "image here" is known in many languages; a text that says anything else is not."""

from __future__ import annotations

import pytest

from pipeline.planning.stand_ins import says_image_here


@pytest.mark.parametrize(
    "text",
    [
        "Image here", "INSERT PHOTO", "picture placeholder", "[image]", "<Your picture here>", "[ Photo ]",
        "Place image here.", "Click icon to add picture", "Bild hier einfügen", "Bildplatzhalter",
        "Platzhalter für Bild",
        "Insérer une image ici", "Emplacement de l’image", "Insertar imagen aquí", "Marcador de imagen",
        "Inserire immagine qui", "Segnaposto immagine", "Inserir imagem aqui", "Afbeelding hier plaatsen",
        "Wstaw zdjęcie tutaj", "Место для фото", "Вставьте изображение", "Тут зображення", "Вставте фото",
        "Buraya resim ekleyin", "RESİM BURAYA", "在此插入图片", "图片占位符", "在此處新增圖片", "ここに画像を挿入",
        "画像プレースホルダー",
        "여기에 이미지 삽입", "이미지 자리 표시자", "أدرج صورة هنا", "عنصر نائب للصورة",
        "תמונה כאן", "הוסף תמונה כאן",
    ],
)  # fmt: skip
def test_these_only_say_that_a_picture_goes_here(text):
    assert says_image_here(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Photo", "Images", "Image recognition", "Here", "[1]", "Insert", "Add a picture of your dog to the album",
        "The picture is here to stay", "Bild", "Bildung hier", "图片识别", "Place", "Insert image into the database",
        "Image " * 20 + "here", "[see photo on page 3]", "123", "…",
    ],
)  # fmt: skip
def test_these_say_something(text):
    assert not says_image_here(text)
