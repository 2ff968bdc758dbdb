"""Words by which a slide tells what it is for where its layout does not: lower case, composed (NFKC)."""

from __future__ import annotations

# However the title goes on after these, the talk is over.
CLOSING_BEGINNINGS = (
    "thank you", "thanks", "thank-you", "many thanks", "any questions", "q&a", "q & a", "q and a",
    "questions and answers", "questions & answers", "contact us", "get in touch",
    "спасибо", "благодарю", "благодарим", "ваши вопросы", "дякую", "дякуємо",
    "danke", "vielen dank", "herzlichen dank", "noch fragen", "merci", "des questions", "vos questions",
    "nous contacter", "contactez-nous", "gracias", "muchas gracias", "obrigado", "obrigada", "muito obrigado",
    "grazie", "dank u", "bedankt", "dziękuję", "dziękujemy", "děkuji", "děkujeme", "teşekkürler", "teşekkür ederim",
    "tack för", "tak for", "kiitos", "takk for", "谢谢", "感谢", "致谢", "联系我们", "謝謝", "感謝",
    "ありがとうございました", "ご清聴ありがとう", "質疑応答", "감사합니다", "תודה", "צור קשר", "شكرا", "شكراً",
    "اتصل بنا", "ευχαριστώ", "धन्यवाद", "cảm ơn", "terima kasih",
)  # fmt: skip

# Everyday words, closing only where the title says nothing else: "Ende", but not "Ende-zu-Ende-Tests".
CLOSING_TITLES = (
    "questions", "questions and discussion", "questions & discussion", "questions and comments", "questions comments",
    "discussion", "the end", "fin", "end", "contact", "contacts", "contact information", "contact details",
    "вопросы", "вопросы и ответы", "контакты", "контактная информация", "конец", "обсуждение",
    "питання", "запитання", "питання та відповіді", "контакти", "кінець",
    "fragen", "fragen und antworten", "fragen & antworten", "kontakt", "kontaktdaten", "ende", "diskussion",
    "questions et réponses", "preguntas", "preguntas y respuestas", "contacto", "fin de la presentación",
    "perguntas", "perguntas e respostas", "dúvidas", "contato", "contatos", "domande", "contatti", "fine",
    "vragen", "pytania", "kontakty", "dotazy", "sorular", "iletişim", "tack", "tak", "frågor", "takk",
    "问题", "提问", "질문", "שאלות", "أسئلة",
)  # fmt: skip

SECTION_LAYOUTS = (
    "section", "divider", "раздел", "розділ", "abschnitt", "kapitel", "sección", "seção", "sezione",
    "intertitre", "titre de section", "节标题", "節標題", "セクション", "구역", "כותרת מקטע", "כותרת קטע", "مقطع",
)  # fmt: skip
